// npm test [-- what to pass to vitest]: everything, or what is asked for. All runs on our Node; when nothing special is asked
// for, the libraries' tests run on the other maintained lines of Node too.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { spawnSync } from 'node:child_process'
import { axe } from './axe.mjs'
import { build } from './build.mjs'
import { programs, startable } from './programs.mjs'
import { install } from './install.mjs'
import { command, ready, root, run } from './ready.mjs'

const otherNodes = [22, 26]
const libraries = ['protocol', 'engine', 'client'].flatMap((name) => ['--project', name])
const cache = join(root, '.cache')
const totals = join(cache, 'tests.json')
/** Far more than all tests need: a run that hangs is ended, and counts as failed. */
const longest = 30 * 60_000

/** The Node of another line, as scripts/node-NN/package-lock.json has it, installed out of the way. */
async function otherNode(major) {
  const folder = join(cache, `node-${major}`)
  mkdirSync(folder, { recursive: true })
  for (const name of ['package.json', 'package-lock.json']) {
    copyFileSync(join(root, 'scripts', `node-${major}`, name), join(folder, name))
  }
  await install(folder)
  return startable(join(folder, 'node_modules/.bin/node'))
}

/**
 * What a run of vitest did, by its own report and its exit code. What fails outside of any test (a file that can't be loaded,
 * an error nobody caught, a runner that crashed and left no report, a run without a test) counts as one failure each.
 * `failures` names each, and why, in few lines.
 */
function outcome(report, code) {
  let read
  try {
    read = JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return { passed: 0, failed: 1, skipped: 0, failures: ['the run left no report'] }
  }
  const passed = read.numPassedTests
  const skipped = read.numPendingTests + read.numTodoTests
  const failures = read.testResults.flatMap((file) => {
    const failed = file.assertionResults.filter((each) => each.status === 'failed')
    const at = relative(root, file.name)
    if (file.status === 'failed' && !failed.length) return [`${at}\n${beginning(file.message)}`]
    return failed.map(
      (each) => `${at} > ${each.fullName}\n${beginning(each.failureMessages.join('\n'))}`,
    )
  })
  if (!failures.length && (code !== 0 || !read.success || passed === 0)) {
    failures.push('outside of any test: see what the run said above')
  }
  return { passed, failed: failures.length, skipped, failures }
}

/** The first lines of why something failed, without the runner's own. */
function beginning(why) {
  const ours = why.split('\n').filter((line) => !line.includes('/node_modules/vitest/'))
  return ours.slice(0, 15).join('\n').slice(0, 1_500)
}

function says({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`
}

async function vitest(node, args, env) {
  const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim()
  const report = join(cache, `vitest-${version}.json`)
  rmSync(report, { force: true })
  console.log(`\nOn Node ${version}:`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const all = ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args]
  const code = await run(node, all, { env, timeout: longest })
  return { version, code, ...outcome(report, code) }
}

export async function test(filters) {
  rmSync(totals, { force: true })
  const node = await ready()
  await build(node)
  const { whole, headless } = programs()
  const env = {
    HEARSAY_CHROMIUM: whole,
    HEARSAY_HEADLESS: headless,
    HEARSAY_AXE: axe(),
    // Tests start many servers, and what each would compile is the same.
    NODE_COMPILE_CACHE: join(cache, 'compiled'),
  }
  mkdirSync(cache, { recursive: true })
  const runs = [{ node, args: filters }]
  for (const each of filters.length ? [] : otherNodes) {
    runs.push({ node: await otherNode(each), args: libraries })
  }
  const sum = { passed: 0, failed: 0, skipped: 0 }
  const report = []
  const failures = []
  for (const { node: at, args } of runs) {
    const one = await vitest(at, args, env)
    for (const key of Object.keys(sum)) sum[key] += one[key]
    failures.push(...one.failures.map((each) => `FAILED on Node ${one.version}: ${each}`))
    report.push(`Node ${one.version}: ${says(one)}`)
    // Somebody ended it, or it took too long: what is left is not begun.
    if (one.code > 128) break
  }
  writeFileSync(totals, JSON.stringify(sum))
  // Last, as this is what one looks for, and a log may be cut to its end.
  console.log(['', ...failures, ...report, says(sum)].join('\n'))
  return sum.failed ? 1 : 0
}

await command(import.meta.url, test)
