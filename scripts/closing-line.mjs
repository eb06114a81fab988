// The last line of a run of .ci/run, from what npm test wrote down and from both exit codes: node closing-line.mjs TESTS CHECKS.
// A run that left nothing behind, or that ended badly with nothing failed, is one failure; so are checks that fail.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const [tests, checks] = process.argv.slice(2).map(Number)
const file = fileURLToPath(new URL('../.cache/tests.json', import.meta.url))
const sum = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { passed: 0, failed: 0 }
if (tests !== 0 && sum.failed === 0) sum.failed = 1
if (tests === 0 && sum.passed === 0) sum.failed += 1
if (checks !== 0) {
  console.log('The checks failed: see FAILS above. They count as one failure.')
  sum.failed += 1
}
console.log(
  `${sum.passed} passed, ${sum.failed} failed${sum.skipped ? `, ${sum.skipped} skipped` : ''}`,
)
process.exitCode = sum.failed ? 1 : 0
