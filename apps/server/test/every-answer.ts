import { lookAtAnswers } from '../../../test/harness/ask.ts'
import type { Documented } from './http/documents.ts'

/** The server's own document. Read when the first answer comes in: most files of tests ask nothing. */
async function documented(): Promise<Documented> {
  const [{ httpServer }, { readConfig }, { Documented }] = await Promise.all([
    import('../src/server.ts'),
    import('../src/index.ts'),
    import('./http/documents.ts'),
  ])
  const app = httpServer({ config: readConfig(['--memory'], {}) } as never)
  const { body } = await app.inject('/openapi.json')
  await app.close()
  return new Documented('', JSON.parse(body) as never)
}

let reading: Promise<Documented> | undefined

// Whatever a test of the server asks for, and for whatever reason: the answer is as the document says.
lookAtAnswers(async (method, path, answer) => {
  const api = await (reading ??= documented())
  const operation = api.find(method, path)
  if (operation) api.check(operation, answer)
})
