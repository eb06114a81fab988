import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { idOf, newEpoch, resolveCursor, type Epoch } from '../src/index.ts'

/**
 * A log as a list of the ids it ever gave, with the place before the first of each epoch: a cursor is good when it is one
 * of these, and then it stands where that one stands.
 */
function placesOf(epochs: readonly Epoch[], head: number): Map<string, number> {
  const places = new Map<string, number>()
  epochs.forEach(({ epoch, first }, i) => {
    const last = epochs[i + 1] ? epochs[i + 1]!.first - 1 : head
    for (let seq = first - 1; seq <= last; seq++) places.set(`${epoch}-${seq}`, seq)
  })
  return places
}

const logs = fc
  .tuple(
    fc.uniqueArray(fc.stringMatching(/^[a-z0-9]{1,16}$/), { minLength: 1, maxLength: 5 }),
    fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 5, maxLength: 5 }),
    fc.nat(20),
  )
  .map(([names, lengths, more]) => {
    let first = 1
    const epochs = names.map((epoch, i): Epoch => {
      const begun = first
      first += lengths[i]!
      return { epoch, first: begun }
    })
    return { epochs, head: epochs.at(-1)!.first - 1 + more }
  })

describe('a cursor', () => {
  it('is good exactly where the log gave it, and stands where it was given', () => {
    fc.assert(
      fc.property(logs, fc.nat(60), fc.nat(6), ({ epochs, head }, seq, which) => {
        const places = placesOf(epochs, head)
        const epoch = epochs[which]?.epoch ?? 'nobodys'
        const cursor = `${epoch}-${seq}`
        const found = resolveCursor(cursor, epochs, head)
        if (places.has(cursor)) expect(found).toBe(seq)
        else if (which >= epochs.length) expect(found).toBe('epoch')
        else if (which === epochs.length - 1) expect(found).toBe('unknown')
        else expect(['epoch', 'unknown']).toContain(found)
      }),
      { numRuns: 2000 },
    )
  })

  it('is what every event has for an id', () => {
    fc.assert(
      fc.property(logs, ({ epochs, head }) => {
        for (let seq = 0; seq <= head; seq++)
          expect(resolveCursor(idOf(seq, epochs), epochs, head)).toBe(seq)
      }),
    )
  })

  it('of a life that was lost with a backup is never taken for another', () => {
    // Clients knew first-1 to 10 and second-11 to 20; the backup had first-1 to 5.
    const restored: Epoch[] = [
      { epoch: 'first', first: 1 },
      { epoch: 'third', first: 6 },
    ]
    for (let seq = 11; seq <= 20; seq++)
      expect(resolveCursor(`second-${seq}`, restored, 30)).toBe('epoch')
    for (let seq = 6; seq <= 10; seq++)
      expect(resolveCursor(`first-${seq}`, restored, 30)).toBe('epoch')
    for (let seq = 0; seq <= 5; seq++) expect(resolveCursor(`first-${seq}`, restored, 30)).toBe(seq)
  })

  it('that is junk, huge, negative or of the future is unknown, and nothing breaks', () => {
    const epochs = [{ epoch: 'now', first: 1 }]
    const junk = ['', '-', 'now', 'now-', '-1', 'now--1', 'now-1.0', 'now-1e3', 'now-01', ' now-1']
    junk.push('now-1 ', 'now-1\n', 'NOW-1', 'now-1-1', 'näw-1', 'now-0x1', 'now-+1', 'now-8')
    junk.push(`${'x'.repeat(17)}-1`, 'now-9007199254740992', 'now-99999999999999999999')
    junk.push(`now-${'9'.repeat(100_000)}`)
    for (const cursor of junk) expect(resolveCursor(cursor, epochs, 7), cursor).toBe('unknown')
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (cursor) => {
        const found = resolveCursor(cursor, epochs, 7)
        if (typeof found === 'number') expect(cursor).toBe(`now-${found}`)
      }),
    )
  })

  it('has an epoch that is not met twice by chance', () => {
    const all = new Set(Array.from({ length: 10_000 }, newEpoch))
    expect(all.size).toBe(10_000)
    for (const epoch of all) expect(epoch).toMatch(/^[a-z0-9]{10}$/)
  })
})
