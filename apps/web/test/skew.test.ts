import type { RoomSnapshot } from '@hearsay/client'
import { expect, test } from 'vitest'
import { Skew } from '../src/room/skew.ts'

const start = Date.parse('2026-11-23T12:00:00.000Z')
const hour = 3_600_000

/** A room at a moment of the server's clock: live, with messages that were said at these. */
function at(said: readonly number[], rest: object = {}): RoomSnapshot {
  const messages = said.map((when, n) => ({ id: `e-${n + 1}`, at: new Date(when).toISOString() }))
  return {
    ...{ loaded: true, newer: 'end', connection: { phase: 'live', caughtUp: 0 }, messages },
    ...rest,
  } as unknown as RoomSnapshot
}

test.each([
  ['ahead', 3 * hour],
  ['behind', -3 * hour],
])('a clock that is %s is told by the first message that arrives as it is said', (_, off) => {
  const skew = new Skew()
  expect(skew.hear(at([start - hour]), start + off)).toBe(0)
  const now = start + 10_000
  expect(skew.hear(at([start - hour, now]), now + off)).toBe(off)
})

test('history, what was missed, and a right clock tell nothing', () => {
  const skew = new Skew()
  expect(skew.hear(at([start - 9 * hour]), start)).toBe(0)
  expect(skew.hear(at([start - 9 * hour, start + 5000]), start + 5100)).toBe(0)
  const away = { connection: { phase: 'connecting' } }
  expect(skew.hear(at([start - 9 * hour, start + 5000], away), start + hour)).toBe(0)
  const said = [start - 9 * hour, start + 5000, start + 6000]
  expect(skew.hear(at(said, away), start + 2 * hour)).toBe(0)
  // Back online: what comes in the first two seconds was said before.
  expect(skew.hear(at([...said, start + 7000]), start + 2 * hour)).toBe(0)
  expect(skew.hear(at([...said, start + 7000, start + 8000]), start + 2 * hour + 1000)).toBe(0)
})

test('a clock that was set right is not complained of any more', () => {
  const skew = new Skew()
  skew.hear(at([]), start + hour)
  expect(skew.hear(at([start + 9000]), start + 9000 + hour)).toBe(hour)
  // For its own seconds it stands where it stood before: one message is not enough to tell.
  expect(skew.hear(at([start + 9000, start + 20_000]), start + 20_000)).toBe(hour)
  expect(skew.hear(at([start + 9000, start + 20_000, start + 23_000]), start + 23_000)).toBe(0)
})
