/** A market that is not one: prices that walk at random. The same seed gives the same walk. */

export interface Quote {
  readonly symbol: string
  /** The company's. */
  readonly name: string
  /** In no currency, with two decimals. */
  readonly price: number
  /** Against the price at which the symbol began. */
  readonly change: number
}

/** The invented companies, and where their prices begin. */
export const companies: readonly { symbol: string; name: string; price: number }[] = [
  { symbol: 'ANTL', name: 'Antler Paper', price: 84.2 },
  { symbol: 'BRCH', name: 'Birch & Daughters', price: 41.75 },
  { symbol: 'CLDR', name: 'Calder Tides', price: 212.4 },
  { symbol: 'DUNE', name: 'Dune Glass', price: 17.3 },
  { symbol: 'EMBR', name: 'Ember Kilns', price: 63.9 },
  { symbol: 'FERN', name: 'Fernway Ferries', price: 128.05 },
  { symbol: 'GALE', name: 'Gale Sails', price: 9.6 },
  { symbol: 'HARE', name: 'Hare Post', price: 305.5 },
]

/** One step's spread for a symbol: the standard deviation of the price's logarithm. */
const SPREAD = 0.004
/** How often a symbol moves in a step. */
const LIVELY = 0.7

/**
 * @param seed any integer
 * @returns a function that takes one step and gives the quotes of the symbols that moved
 */
export function openMarket(seed: number): () => Quote[] {
  const chance = xorshift(seed)
  // Twelve even chances add up to a normal one, near enough: mean 6, deviation 1.
  const normal = (): number => {
    let sum = 0
    for (let i = 0; i < 12; i++) sum += chance()
    return sum - 6
  }
  const walkers = companies.map((company) => ({ ...company, begin: company.price }))
  return () => {
    const quotes: Quote[] = []
    for (const walker of walkers) {
      if (chance() > LIVELY) continue
      const { symbol, name, price, begin } = walker
      // A walk of the logarithm never reaches zero; a cent is the least.
      walker.price = Math.max(0.01, price * Math.exp(SPREAD * normal()))
      quotes.push({ symbol, name, price: cents(walker.price), change: cents(walker.price - begin) })
    }
    return quotes
  }
}

function cents(value: number): number {
  return Math.round(value * 100) / 100
}

/** Marsaglia's xorshift with 32 bits: numbers from 0 to 1, the same ones for the same seed. Nothing to keep a secret with. */
function xorshift(seed: number): () => number {
  // Zero is the one state it never leaves.
  let state = seed | 0 || 1
  const next = (): number => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  // Seeds that are near each other begin alike.
  for (let i = 0; i < 16; i++) next()
  return next
}
