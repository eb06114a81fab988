/** One line of a plot: points by x. */
export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

const width = 760
const height = 420
const left = 78
const right = 600
const top = 44
const bottom = 366

// Readable on white and on black; the colours are told apart with the common kinds of colour blindness (Okabe, Ito),
// and each series has a dash of its own besides.
const colours = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#8c6bb1',
  '#999999',
]
const dashes = ['', '', '6 3', '2 3', '8 3 2 3', '1 3', '10 4', '4 2']

const style = `<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 15px }
.grid { stroke: #8884; stroke-width: 1 }
.axis { stroke: #888; stroke-width: 1 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }
</style>`

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** A number as people write it: 0.05, 7.5, 1,200, 0.9 M. */
export function plain(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toFixed(2))} M`
  if (value >= 100) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}

function document(title: string, body: readonly string[], tall: number = height): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${tall}" role="img" aria-label="${escape(title)}">
${style}
<text class="title" x="${left}" y="22">${escape(title)}</text>
${body.join('\n')}
</svg>
`
}

interface Axis {
  at(value: number): number
  readonly ticks: readonly number[]
}

/** Powers of ten from below the least to above the largest, between two places on the picture. */
function logAxis(values: readonly number[], from: number, to: number): Axis {
  const low = Math.floor(Math.log10(Math.min(...values)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))
  return {
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
  }
}

/** Lines over two logarithmic axes. */
export function lines(title: string, x: string, y: string, series: readonly Series[]): string {
  const all = series.flatMap(({ points }) => points).filter(([a, b]) => a > 0 && b > 0)
  if (all.length === 0) return document(title, [])
  const across = logAxis(
    all.map(([a]) => a),
    left,
    right,
  )
  const up = logAxis(
    all.map(([, b]) => b),
    bottom,
    top,
  )
  const body = [
    ...across.ticks.map((tick) => {
      const at = across.at(tick).toFixed(1)
      return `<line class="grid" x1="${at}" x2="${at}" y1="${top}" y2="${bottom}"/><text x="${at}" y="${bottom + 18}" text-anchor="middle">${plain(tick)}</text>`
    }),
    ...up.ticks.map((tick) => {
      const at = up.at(tick).toFixed(1)
      return `<line class="grid" x1="${left}" x2="${right}" y1="${at}" y2="${at}"/><text x="${left - 8}" y="${Number(at) + 4}" text-anchor="end">${plain(tick)}</text>`
    }),
    `<text x="${(left + right) / 2}" y="${bottom + 42}" text-anchor="middle">${escape(x)}</text>`,
    `<text transform="translate(16 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escape(y)}</text>`,
  ]
  series.forEach(({ name, points }, index) => {
    const colour = colours[index % colours.length]
    const dash = dashes[index % dashes.length]
    const places = points
      .filter(([a, b]) => a > 0 && b > 0)
      .map(([a, b]) => [across.at(a).toFixed(1), up.at(b).toFixed(1)] as const)
    const stroke = `stroke="${colour}" stroke-width="${index === 0 ? 3 : 2}" stroke-dasharray="${dash}"`
    body.push(
      `<polyline fill="none" ${stroke} points="${places.map((place) => place.join(',')).join(' ')}"/>`,
      ...places.map(([a, b]) => `<circle cx="${a}" cy="${b}" r="3" fill="${colour}"/>`),
      `<line x1="${right + 18}" x2="${right + 46}" y1="${top + 10 + index * 22}" y2="${top + 10 + index * 22}" ${stroke}/>`,
      `<text x="${right + 54}" y="${top + 14 + index * 22}">${escape(name)}</text>`,
    )
  })
  return document(title, body)
}

/** A bar for each name, the smallest first, and those in `marked` in colour. */
export function bars(
  title: string,
  unit: string,
  values: readonly (readonly [string, number])[],
  marked: ReadonlySet<string>,
): string {
  const sorted = values.toSorted(([, a], [, b]) => a - b)
  const largest = Math.max(...sorted.map(([, value]) => value), 1e-9)
  const body = sorted.flatMap(([name, value], index) => {
    const y = top + index * 30
    const long = Math.max(1, (value / largest) * (right - left - 40))
    return [
      `<text x="${left + 22}" y="${y + 15}" text-anchor="end">${escape(name)}</text>`,
      `<rect x="${left + 30}" y="${y}" width="${long.toFixed(1)}" height="20" rx="3" fill="${marked.has(name) ? colours[0] : '#888'}"/>`,
      `<text x="${(left + 38 + long).toFixed(1)}" y="${y + 15}">${plain(value)} ${escape(unit)}</text>`,
    ]
  })
  return document(title, body, top + sorted.length * 30 + 16)
}
