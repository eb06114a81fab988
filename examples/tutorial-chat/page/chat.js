// @ts-check
const at = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id))
const field = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (at(id))
const messages = at('messages')

/** @type {EventSource} */
let line
/** The id this page has last: where it goes on when it connects. */
let cursor = ''
/** What was said before this page came, or while it was away, is being sent. */
let catchingUp = true
let caughtUp = 0
let beats = 0
/** When the stream gave its last sign of life, and how long it may be silent, in milliseconds. */
let heardAt = 0
let patience = Infinity

function connect() {
  heardAt = performance.now()
  // A first visit asks for the newest messages; a page that was here before goes on where it was.
  line = new EventSource(cursor ? `/sse?after=${encodeURIComponent(cursor)}` : '/sse?last=50')
  line.addEventListener('hello', onHello)
  line.addEventListener('message', onMessage)
  line.addEventListener('gap', onGap)
  line.addEventListener('people', onPeople)
  line.addEventListener('beat', onBeat)
  line.addEventListener('busy', () => tell('The server is busy. Trying again soon…', true))
  line.addEventListener('error', onError)
}

function onHello(/** @type {MessageEvent<string>} */ event) {
  const { beat, topics } = JSON.parse(event.data)
  heard(event)
  patience = beat * 2500
  catchingUp = true
  caughtUp = 0
  at('verdict').textContent = VERDICTS[topics.chat.verdict]
  tell('Live')
}

/** @type {Record<string, string>} */
const VERDICTS = {
  fresh: 'for the first time, and was sent the newest messages.',
  resumed: 'where it was: nothing is missing.',
  gap: 'but something in between is gone: a line above the messages says where.',
}

function onMessage(/** @type {MessageEvent<string>} */ event) {
  const { name, text, at: said } = JSON.parse(event.data)
  heard(event)
  if (catchingUp) caughtUp++
  const author = document.createElement('b')
  author.dir = 'auto'
  author.textContent = name
  const words = document.createElement('span')
  words.dir = 'auto'
  words.textContent = text
  const time = document.createElement('time')
  time.dateTime = said
  time.textContent = new Date(said).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
  show(author, words, time)
  if (!catchingUp) at('announcer').textContent = `${name}: ${text}`
}

function onGap(/** @type {MessageEvent<string>} */ event) {
  const { reason } = JSON.parse(event.data)
  const restarted =
    'The server was started anew here. It keeps messages in memory only: what was said around then may be missing.'
  const tooMuch = 'More was said here than the server keeps: some messages are missing.'
  const notice = document.createElement('span')
  notice.className = 'notice'
  notice.textContent = reason === 'expired' ? tooMuch : restarted
  show(notice)
}

/** The server tells this to a newcomer after all that was said before, and then on each change. */
function onPeople(/** @type {MessageEvent<string>} */ event) {
  const { count } = JSON.parse(event.data)
  heard(event)
  at('people').textContent = count === 1 ? 'Nobody else is here' : `${count} windows are here`
  if (catchingUp && caughtUp > 0 && at('verdict').textContent === VERDICTS['resumed'])
    tell(`Live, and caught up on ${caughtUp}`)
  catchingUp = false
}

function onBeat(/** @type {MessageEvent<string>} */ event) {
  heard(event)
  at('beats').textContent = `${++beats} since this page was opened`
}

function heard(/** @type {MessageEvent<string>} */ event) {
  heardAt = performance.now()
  if (event.lastEventId) cursor = event.lastEventId
  at('cursor').textContent = cursor
}

function onError() {
  tell('Line lost. Trying again…', true)
  // An EventSource comes back by itself, but for an answer that was not a stream: a proxy's 502, say.
  if (line.readyState === EventSource.CLOSED) setTimeout(connect, 3000)
}

function tell(/** @type {string} */ state, down = false) {
  at('state').textContent = state
  at('state').classList.toggle('down', down)
}

function show(/** @type {Node[]} */ ...parts) {
  const atEnd = messages.scrollHeight - messages.scrollTop - messages.clientHeight < 100
  const item = document.createElement('li')
  item.append(...parts)
  messages.append(item)
  while (messages.childElementCount > 500) messages.firstElementChild?.remove()
  if (atEnd) messages.scrollTop = messages.scrollHeight
}

// A line can be dead without an end: a laptop was closed, a phone left the house.
setInterval(() => {
  if (line.readyState !== EventSource.OPEN || performance.now() - heardAt < patience) return
  line.close()
  tell('Line lost. Trying again…', true)
  connect()
}, 1000)

let sending = false

async function send() {
  // Enter twice is not a message twice.
  if (sending) return
  sending = true
  const text = field('text').value
  const refusal = at('refusal')
  try {
    const answer = await fetch('/chat', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ name: field('name').value, text }),
    })
    refusal.textContent = answer.ok ? '' : await answer.text()
    if (answer.ok && field('text').value === text) field('text').value = ''
  } catch {
    refusal.textContent = 'The server can’t be reached. Your message is still here: send it again.'
  }
  sending = false
  field('text').focus()
}

at('composer').addEventListener('submit', (event) => {
  event.preventDefault()
  void send()
})

at('let-go').addEventListener('click', () => {
  const button = /** @type {HTMLButtonElement} */ (at('let-go'))
  button.disabled = true
  line.close()
  tell('You let go of the line', true)
  setTimeout(() => {
    button.disabled = false
    connect()
  }, 5000)
})

connect()

// Last: a browser that keeps nothing for this page throws here, and it chats all the same.
field('name').value = localStorage.getItem('name') ?? ''
field('name').addEventListener('change', () => localStorage.setItem('name', field('name').value))
