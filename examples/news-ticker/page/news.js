// @ts-check
const at = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id))
const items = at('items')

/** The id this page has last: where it goes on when it has to connect anew by itself. */
let cursor = ''
/** Up to this id items are from before this page came, or from while it was away: shown, not announced. */
let head = ''
let caughtUp = 0
let knownHere = false
/** When the stream gave its last sign of life, and how long it may be silent, in milliseconds. */
let heardAt = 0
let patience = Infinity
/** @type {EventSource} */
let stream

function connect() {
  heardAt = performance.now()
  stream = new EventSource(cursor ? `/news?after=${encodeURIComponent(cursor)}` : '/news?last=20')
  stream.addEventListener('hello', onHello)
  stream.addEventListener('message', onItem)
  stream.addEventListener('gap', onGap)
  stream.addEventListener('beat', heard)
  stream.addEventListener('error', onError)
}

function onHello(/** @type {MessageEvent<string>} */ event) {
  const { beat, verdict, head: newest, cursor: from } = JSON.parse(event.data)
  heard(event)
  patience = beat * 2500
  knownHere = verdict === 'resumed'
  caughtUp = 0
  head = newest === from ? '' : newest
  tell(knownHere ? 'Live again, nothing missed' : 'Live')
}

function onItem(/** @type {MessageEvent<string>} */ event) {
  heard(event)
  const { at: written, headline, link } = JSON.parse(event.data)
  const time = document.createElement('time')
  time.dateTime = written
  time.textContent = new Date(written).toLocaleString([], {
    dateStyle: 'medium',
    timeStyle: 'short',
  })
  const line = document.createElement('p')
  line.dir = 'auto'
  line.append(headlineOf(headline, link))
  show(time, line)
  if (head === '') {
    at('announcer').textContent = headline
    return
  }
  caughtUp++
  if (event.lastEventId !== head) return
  head = ''
  if (knownHere) tell(`Live again, caught up on ${caughtUp}`)
}

/** @returns {Node} */
function headlineOf(/** @type {string} */ headline, /** @type {string | undefined} */ link) {
  const text = document.createTextNode(headline)
  if (!link || !URL.canParse(link)) return text
  const { protocol, host } = new URL(link)
  // The server takes no others; a page looks for itself before it makes something that can be clicked.
  if (protocol !== 'https:' && protocol !== 'http:') return text
  const anchor = document.createElement('a')
  anchor.href = link
  anchor.rel = 'noreferrer'
  anchor.append(text)
  const where = document.createElement('span')
  where.className = 'host'
  where.textContent = host
  const both = document.createDocumentFragment()
  both.append(anchor, where)
  return both
}

function onGap() {
  const notice = document.createElement('p')
  notice.className = 'notice'
  notice.textContent = 'The feed began anew here: what it said before may be incomplete.'
  show(notice)
}

function show(/** @type {Node[]} */ ...parts) {
  at('empty').hidden = true
  const item = document.createElement('li')
  item.append(...parts)
  items.prepend(item)
  while (items.childElementCount > 200) items.lastElementChild?.remove()
}

function heard(/** @type {Event} */ event) {
  heardAt = performance.now()
  const { lastEventId } = /** @type {MessageEvent} */ (event)
  if (lastEventId) cursor = lastEventId
}

function onError() {
  tell('Line lost. Trying again…', true)
  // An EventSource comes back by itself, but for an answer that was not a stream: a proxy's 502, say.
  if (stream.readyState === EventSource.CLOSED) setTimeout(connect, 3000)
}

function tell(/** @type {string} */ state, down = false) {
  at('state').textContent = state
  at('state').classList.toggle('down', down)
}

// A line can be dead without an end: a laptop was closed, a phone left the house.
setInterval(() => {
  if (stream.readyState !== EventSource.OPEN || performance.now() - heardAt < patience) return
  stream.close()
  tell('Line lost. Trying again…', true)
  connect()
}, 1000)

connect()
