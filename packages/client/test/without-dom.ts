/** A program in Node, whose compiler knows no DOM and takes optional for just that (see types.test.ts). */
import { attach, Connection, joinRoom } from '@hearsay/client'
import { EventSource } from '@hearsay/client/eventsource'

// An option that is not there may be undefined.
export const room: unknown = joinRoom('lobby', {
  base: 'http://x/',
  secret: undefined,
  keep: undefined,
})
export const stream: Connection = new Connection({
  source: () => ({ url: 'http://x/', headers: undefined }),
  onEvent: ({ type }) => console.log(type),
  onState: undefined,
  after: undefined,
})
export const file: unknown = attach({}, 'lobby', new Blob([]), { name: 'a', signal: undefined })

export const source: EventSource = new EventSource('http://x/', { headers: undefined })
source.onmessage = ({ data }) => console.log(data)
source.addEventListener('open', ({ type }) => console.log(type), { once: true })
source.addEventListener('price', ({ lastEventId }) => console.log(lastEventId))
source.addEventListener('price', { handleEvent: ({ data }) => console.log(data) })
