import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { companies, openMarket } from '../stock-ticker/market.ts'

test('the same seed gives the same walk, another seed another', () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (seed, other) => {
      // 0 stands for 1: the one state that the generator never leaves.
      fc.pre((seed || 1) !== (other || 1))
      const [a, b, c] = [openMarket(seed), openMarket(seed), openMarket(other)]
      const walk = (step: typeof a) => Array.from({ length: 30 }, step)
      const first = walk(a)
      expect(walk(b)).toEqual(first)
      expect(walk(c)).not.toEqual(first)
    }),
  )
})

test('prices stay above zero, in cents, and the change is against the first price', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const step = openMarket(seed)
      const begins = new Map(companies.map(({ symbol, price }) => [symbol, price]))
      for (let i = 0; i < 300; i++)
        for (const { symbol, price, change } of step()) {
          expect(price).toBeGreaterThanOrEqual(0.01)
          expect(Math.abs(price * 100 - Math.round(price * 100))).toBeLessThan(1e-6)
          expect(Math.abs(price - change - begins.get(symbol)!)).toBeLessThan(0.0101)
        }
    }),
    { numRuns: 50 },
  )
})
