// @ts-check
const at = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id))
const SVG = 'http://www.w3.org/2000/svg'
const WIDTH = 120
const HEIGHT = 28
/** Quotes that a line is drawn from. */
const DRAWN = 60

/**
 * @typedef {object} Row
 * @property {HTMLElement} price
 * @property {HTMLElement} change
 * @property {SVGPolylineElement} line
 * @property {HTMLElement} range
 * @property {number[]} prices oldest first
 * @property {number} since the change since the beginning
 */
/** @type {Map<string, Row>} */
const rows = new Map()

let paused = false
let painting = false
let received = 0
let paints = 0
/** The id this page has last: where it goes on when it has to connect anew by itself. */
let cursor = ''
/** When the stream gave its last sign of life, and how long it may be silent, in milliseconds. */
let heardAt = 0
let patience = Infinity
/** @type {EventSource} */
let stream

const symbols = new URLSearchParams(location.search).get('symbols')
at('all').hidden = !symbols

function connect() {
  heardAt = performance.now()
  const query = new URLSearchParams(cursor ? { after: cursor } : { last: String(DRAWN) })
  if (symbols) query.set('symbols', symbols)
  stream = new EventSource(`/quotes?${query}`)
  stream.addEventListener('hello', onHello)
  stream.addEventListener('quote', onQuote)
  stream.addEventListener('figures', onFigures)
  stream.addEventListener('gap', onGap)
  stream.addEventListener('beat', heard)
  stream.addEventListener('error', onError)
}

function onHello(/** @type {MessageEvent<string>} */ event) {
  heard(event)
  patience = JSON.parse(event.data).beat * 2500
  tell('Live')
}

function onQuote(/** @type {MessageEvent<string>} */ event) {
  heard(event)
  const { symbol, name, price, change } = JSON.parse(event.data)
  const row = rows.get(symbol) ?? addRow(symbol, name)
  row.prices.push(price)
  if (row.prices.length > DRAWN) row.prices.shift()
  row.since = change
  received++
  paintSoon()
}

function onFigures(/** @type {MessageEvent<string>} */ event) {
  heard(event)
  const { seed, pages, quotes, writes } = JSON.parse(event.data)
  if (paused) return
  at('seed').textContent = `The same seed, ${seed}, gives the same prices.`
  const each = writes > 0 ? (quotes / writes).toFixed(1) : '0'
  const many = pages === 1 ? 'one page' : `${pages} pages`
  at('figures').textContent =
    `To ${many} the server has sent ${quotes.toLocaleString()} events in ${writes.toLocaleString()} writes: ${each} in each.`
  at('paints').textContent =
    `This page got ${received.toLocaleString()} quotes and drew ${paints.toLocaleString()} times: at most once for each frame of the screen.`
}

/** What this page drew until now does not join on to what comes. */
function onGap(/** @type {MessageEvent<string>} */ event) {
  const { topic, reason } = JSON.parse(event.data)
  const row = rows.get(topic)
  if (row) row.prices = []
  const time = new Date().toLocaleTimeString()
  at('notice').textContent =
    reason === 'expired'
      ? `Back at ${time}, after more quotes than the server keeps: the lines begin again.`
      : `The market was opened anew at ${time}: the prices begin again.`
}

function heard(/** @type {Event} */ event) {
  heardAt = performance.now()
  const { lastEventId } = /** @type {MessageEvent} */ (event)
  if (lastEventId) cursor = lastEventId
}

function onError() {
  tell('Line lost. Trying again…', true)
  // An EventSource comes back by itself, but for an answer that was not a stream: a symbol that is not there.
  if (stream.readyState !== EventSource.CLOSED) return
  if (symbols && rows.size === 0) at('notice').textContent = 'There is no such company here.'
  else setTimeout(connect, 3000)
}

function tell(/** @type {string} */ state, down = false) {
  at('state').textContent = state
  at('state').classList.toggle('down', down)
}

/** @returns {Row} */
function addRow(/** @type {string} */ symbol, /** @type {string} */ name) {
  const item = document.createElement('tr')
  const head = document.createElement('th')
  head.scope = 'row'
  const only = document.createElement('a')
  only.href = `/?symbols=${encodeURIComponent(symbol)}`
  only.textContent = symbol
  const full = document.createElement('span')
  full.textContent = name
  head.append(only, full)
  const figures = document.createElement('td')
  figures.className = 'figure'
  const price = document.createElement('div')
  const change = document.createElement('div')
  price.className = 'price'
  change.className = 'change'
  figures.append(price, change)
  const drawing = document.createElement('td')
  const svg = document.createElementNS(SVG, 'svg')
  svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`)
  svg.setAttribute('preserveAspectRatio', 'none')
  // What it shows stands below it in figures.
  svg.setAttribute('aria-hidden', 'true')
  const line = document.createElementNS(SVG, 'polyline')
  svg.append(line)
  const range = document.createElement('div')
  range.className = 'range'
  drawing.append(svg, range)
  item.append(head, figures, drawing)
  const body = at('quotes')
  // Rows stay where they are: in the order of their symbols.
  const next = [...body.children].find(
    (other) => (other.querySelector('a')?.textContent ?? '') > symbol,
  )
  body.insertBefore(item, next ?? null)
  const row = { price, change, line, range, prices: [], since: 0 }
  rows.set(symbol, row)
  return row
}

/** However many quotes come between two frames of the screen, they are drawn once. */
function paintSoon() {
  if (painting || paused) return
  painting = true
  requestAnimationFrame(() => {
    painting = false
    if (paused) return
    paints++
    for (const row of rows.values()) paint(row)
  })
}

function paint(/** @type {Row} */ { price, change, line, range, prices, since }) {
  if (prices.length === 0) return
  const low = Math.min(...prices)
  const high = Math.max(...prices)
  price.textContent = money(prices[prices.length - 1] ?? 0)
  // The arrow and the sign say what the colour says.
  change.textContent = `${since > 0 ? '▲ +' : since < 0 ? '▼ −' : ''}${money(Math.abs(since))}`
  change.classList.toggle('up', since > 0)
  change.classList.toggle('down', since < 0)
  range.textContent = `${money(low)} to ${money(high)}`
  const step = WIDTH / (DRAWN - 1)
  const left = WIDTH - step * (prices.length - 1)
  line.setAttribute(
    'points',
    prices
      .map((value, index) => {
        const part = high > low ? (value - low) / (high - low) : 0.5
        return `${(left + index * step).toFixed(1)},${(HEIGHT - 2 - part * (HEIGHT - 4)).toFixed(1)}`
      })
      .join(' '),
  )
}

function money(/** @type {number} */ value) {
  return value.toLocaleString(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
}

at('pause').addEventListener('click', () => {
  paused = !paused
  at('pause').setAttribute('aria-pressed', String(paused))
  // The stream goes on: what came meanwhile is drawn at once.
  paintSoon()
})

// A line can be dead without an end: a laptop was closed, a phone left the house.
setInterval(() => {
  if (stream.readyState !== EventSource.OPEN || performance.now() - heardAt < patience) return
  stream.close()
  tell('Line lost. Trying again…', true)
  connect()
}, 1000)

connect()
