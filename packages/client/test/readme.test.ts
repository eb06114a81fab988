import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { launch } from './browser/browser.ts'
import { bundle } from './browser/bundle.ts'
import { Fixture } from './fixture.ts'
import { RealServer } from './server.ts'
import { until } from './until.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** The example under a heading, as it stands there. */
function example(heading: string, language: string): string {
  const section = readme.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
  const code = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(section)?.[1]
  if (!code) throw new Error(`There is no example in ${language} under "${heading}".`)
  return code
}

let server: Fixture
const running: ChildProcess[] = []

beforeEach(async () => {
  server = await new Fixture().listen()
})
afterEach(async () => {
  for (const child of running.splice(0)) child.kill()
  await server.stop()
})

/** Runs an example as a program; answers it and what it has printed so far. */
function run(heading: string, url = server.url): { child: ChildProcess; printed: () => string } {
  const code = example(heading, 'js').replaceAll('http://localhost:1337', url)
  const child = spawn(
    process.execPath,
    ['--conditions=@hearsay/source', '--input-type=module', '--eval', code],
    { cwd: fileURLToPath(new URL('..', import.meta.url)) },
  )
  running.push(child)
  let output = ''
  child.stdout.on('data', (piece: Buffer) => (output += piece.toString()))
  child.stderr.on('data', (piece: Buffer) => (output += piece.toString()))
  return { child, printed: () => output }
}

test('a room', async () => {
  const { printed } = run('A room')
  await until('it prints what it said', () => printed().includes('quiet otter: Hello, everyone.\n'))
  expect(server.texts('lobby')).toEqual(['Hello, everyone.'])
  server.say('lobby', 'Hello.')
  await until('it prints what it heard', () => printed().includes('quiet otter: Hello.\n'))
  expect(printed()).toBe('quiet otter: Hello, everyone.\nquiet otter: Hello.\n')
})

test('what it says is never loaded is not', () => {
  const code = `
    import { registerHooks } from 'node:module'
    registerHooks({ load: (url, context, next) => (console.log(url), next(url, context)) })
    await import('@hearsay/client')`
  const loaded = execFileSync(
    process.execPath,
    ['--conditions=@hearsay/source', '--input-type=module', '--eval', code],
    { cwd: fileURLToPath(new URL('..', import.meta.url)), encoding: 'utf8' },
  )
  expect(loaded).toContain('/client/src/chat.ts\n')
  expect(loaded).not.toContain('/node_modules/')
})

test('any other stream', async () => {
  const { printed } = run('Any other stream')
  await until('it is live', () => printed().includes('live\n'))
  server.say('lobby', 'a')
  await until('it prints what it heard', () => printed().includes('e1-1 a\n'))
  expect(printed()).toBe('connecting\nlive\ne1-1 a\n')
})

test('files', async () => {
  const real = await RealServer.start('--memory', '--files', '10')
  const { printed } = run('Files', real.url)
  await until('it is said', () => printed().includes('/r/lobby/files/'))
  const [, size] = /^0 of (\d+) bytes\n/.exec(printed())!
  expect(printed()).toContain(`${size} of ${size} bytes\n`)
  const answer = await fetch(`${real.url}/r/lobby/files/${printed().trim().split('/').at(-1)}`)
  expect([answer.status, Number(size)]).toEqual([200, Buffer.byteLength(readme)])
  expect(await answer.text()).toBe(readme)
  await real.stop()
})

test('calls', async () => {
  server.say('lobby', 'before')
  const { child, printed } = run('Calls')
  await until('it has ended', () => child.exitCode !== null)
  expect(printed()).toBe('quiet otter: before\nquiet otter: From a script.\n')
})

test('EventSource', async () => {
  server.intercept = ({ url }, response) => {
    if (url !== '/sse') return false
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('id: 7\ndata: a\n\n')
    return true
  }
  const { printed } = run('EventSource')
  await until('it prints what it heard', () => printed() !== '')
  expect(printed()).toBe('7 a\n')
})

test('the format', async () => {
  const { child, printed } = run('The format')
  child.stdin?.end('id: 7\ndata: a\n\n')
  await until('it has ended', () => child.exitCode !== null)
  expect(printed()).toContain("data: 'a'")
})

test('in a page', async () => {
  const html = example('In a page', 'html')
  const script = /<script type="module">([^]*)<\/script>/.exec(html)?.[1] ?? ''
  const built = html.replace(script, () => '')
  const code = await bundle(script)
  const body = built.replace('type="module"></script>', () => `type="module">${code}</script>`)
  server.pages.set('/', { type: 'text/html; charset=utf-8', body })
  const browser = await launch()
  try {
    const page = await browser.newPage()
    await page.goto(server.url)
    await page.fill('input', 'Hello')
    await page.press('input', 'Enter')
    await page.waitForSelector('li:has-text("quiet otter: Hello")')
    expect(server.texts('lobby')).toEqual(['Hello'])
  } finally {
    await browser.close()
  }
})
