import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Recent } from '../src/recent.ts'

describe('the recent', () => {
  it('answers what was set last or nothing, and stays within its size', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 20 }),
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 30 }), fc.integer()), {
          maxLength: 300,
        }),
        (size, steps) => {
          const recent = new Recent<number, number>(size)
          const last = new Map<number, number>()
          for (const [set, key, value] of steps) {
            if (set) {
              recent.set(key, value)
              last.set(key, value)
            }
            const answers = set ? [value] : [undefined, last.get(key)]
            expect(answers).toContain(recent.get(key))
            expect(recent.size).toBeLessThanOrEqual(size)
          }
        },
      ),
    )
  })

  it('keeps what is asked for while others come and go', () => {
    const recent = new Recent<string, number>(100)
    recent.set('kept', 1)
    const kept = new Set<number | undefined>()
    for (let i = 0; i < 10_000; i++) {
      recent.set(`${i}`, i)
      kept.add(i % 20 === 0 ? recent.get('kept') : 1)
    }
    expect([...kept]).toEqual([1])
    expect(recent.get('9999')).toBe(9999)
    expect(recent.get('5000')).toBeUndefined()
  })

  it('keeps the newest half at least', () => {
    const recent = new Recent<number, number>(100)
    for (let i = 0; i < 1000; i++) recent.set(i, i)
    for (let i = 950; i < 1000; i++) expect(recent.get(i)).toBe(i)
  })

  it('is empty once it is cleared', () => {
    const recent = new Recent<number, number>(4)
    for (let i = 0; i < 4; i++) recent.set(i, i)
    recent.clear()
    expect(recent.size).toBe(0)
    expect(recent.get(3)).toBeUndefined()
  })
})
