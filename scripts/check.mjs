// npm run check [-- --no-tests]: all that a change is held against, cheapest first. Every step runs, so that one look says it all.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { build } from './build.mjs'
import { command, environment, ready } from './ready.mjs'
import { test } from './test.mjs'

const esm = ['--profile', 'esm-only']

/** Each step: what it holds, the tool, its arguments. The tools' settings are in files of their own at the root. */
function steps() {
  const published = [...readdirSync('packages').map((name) => `packages/${name}`), 'apps/server']
  return [
    ['format', 'oxfmt/bin/oxfmt', '--check'],
    ['types of the tests', 'typescript/bin/tsc', '-p', 'tsconfig.tests.json'],
    ['lint', 'oxlint/bin/oxlint'],
    ['dead code', 'knip/bin/knip.js'],
    ...published.flatMap((path) => [
      [`what ${path} publishes`, 'publint/src/cli.js', '--strict', path],
      [`how ${path} resolves`, '@arethetypeswrong/cli/dist/index.js', '--pack', path, ...esm],
    ]),
  ]
}

/** Runs a step without a word, unless it fails. */
function holds(node, [name, tool, ...args]) {
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(node, [`node_modules/${tool}`, ...args], {
    encoding: 'utf8',
    env: environment(node),
    maxBuffer: 64 * 1024 * 1024,
  })
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  if (status !== 0) console.log(`${stdout}${stderr}`.trimEnd())
  console.log(`${status === 0 ? 'holds' : 'FAILS'}  ${name} (${seconds} s)`)
  return status === 0
}

await command(import.meta.url, async (args) => {
  const node = await ready()
  await build(node)
  const failed = steps().filter((step) => !holds(node, step))
  if (failed.length) console.log(`${failed.length} of the checks failed.`)
  const tests = args.includes('--no-tests') ? 0 : await test([])
  return failed.length || tests ? 1 : 0
})
