import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hueOf, sealPath } from '../src/ui/seal.ts'

const mark = fc.string({
  unit: fc.constantFrom(...'0123456789ABCDEFGHJKMNPQRSTVWXYZ'),
  minLength: 6,
  maxLength: 6,
})

test('a seal is the same on both sides and stays on its square', () => {
  fc.assert(
    fc.property(mark, (it) => {
      const squares = [...sealPath(it).matchAll(/M(\d) (\d)h1v1h-1z/g)].map(
        ([, x, y]) => `${x} ${y}`,
      )
      const mirrored = squares.map((square) => `${6 - Number(square[0])} ${square[2]}`)
      expect(mirrored.toSorted()).toEqual(squares.toSorted())
      for (const square of squares) expect(square).toMatch(/^[1-5] [1-5]$/)
    }),
  )
})

test('hues are spread over the whole circle', () => {
  const sectors = new Set<number>()
  fc.assert(
    fc.property(mark, (it) => {
      const hue = hueOf(it)
      expect(hue).toBeGreaterThanOrEqual(0)
      expect(hue).toBeLessThanOrEqual(360)
      sectors.add(Math.min(11, Math.floor(hue / 30)))
    }),
    { numRuns: 500 },
  )
  expect(sectors.size).toBe(12)
})
