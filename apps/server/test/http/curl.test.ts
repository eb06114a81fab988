import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import {
  createServer,
  request,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ask } from '../../../../test/harness/ask.ts'
import { open } from '../../../../test/harness/server.ts'
import type { Running } from '../../src/index.ts'
import { Documented, type Document } from './documents.ts'

const page = readFileSync(new URL('../../../../docs/curl.md', import.meta.url), 'utf8')
const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!).join('')

interface Answered {
  readonly method: string
  readonly path: string
  readonly status: number
}

let server: Running
let between: Server
const answered: Answered[] = []
beforeAll(async () => {
  server = await open('--files', '10')
  between = createServer(passOn).listen(0, '127.0.0.1')
  await new Promise((resolve) => between.once('listening', resolve))
})
afterAll(async () => {
  between.closeAllConnections()
  between.close()
  await server.close()
})

/** Between curl and the server: notes what was asked and how it was answered. */
function passOn(req: IncomingMessage, res: ServerResponse): void {
  const { method = '', url: path = '', headers } = req
  const onward = request(server.url, { method, path, headers }, (answer) => {
    answered.push({ method, path, status: answer.statusCode! })
    res.writeHead(answer.statusCode!, answer.headers)
    answer.pipe(res)
  })
  req.pipe(onward)
  res.on('close', () => onward.destroy())
  onward.on('error', () => res.destroy())
}

it('every command of docs/curl.md does what it says, and every call is among them', async () => {
  const here = `http://localhost:${(between.address() as AddressInfo).port}`
  // -e: the first that fails ends it; -f: for curl, a refusal is a failure.
  const script = commands
    .replace(/^HOST=.*$/m, `HOST=${here}`)
    .replaceAll(/\bcurl /g, 'curl -sS -f ')
  expect(script).toContain(here)
  const { stdout } = await promisify(execFile)('sh', ['-eu', '-c', script], { maxBuffer: 1 << 24 })
  expect(stdout).toContain('hello from an otter')
  expect(answered.filter(({ status }) => status >= 300)).toEqual([])
  // One command is one call, and no command is lost to the way they are taken out of the page.
  expect(answered).toHaveLength(commands.match(/\bcurl /g)!.length)

  const document = (await ask(server.url, '/openapi.json')).json() as unknown as Document
  const api = new Documented(server.url, document)
  const shown = new Set(answered.map(({ method, path }) => api.operation(method, path).operationId))
  const all = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  )
  // A HEAD is its GET with -I.
  const isShown = (id: string): boolean => shown.has(id) || shown.has(`${id}Head`)
  expect(all.filter((id) => !id.endsWith('Head') && !isShown(id))).toEqual([])
})
