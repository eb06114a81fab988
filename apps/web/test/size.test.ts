import { expect, test } from 'vitest'
import { budget, firstLoads } from '../size.ts'

test.each(firstLoads)('$what: script, style and words keep the budget', ({ what, bytes }) => {
  console.info(`${what}: ${bytes} bytes gzip`)
  expect(bytes).toBeLessThanOrEqual(budget)
})
