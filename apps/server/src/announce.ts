import { Hub, type Past, type PastEvent, type PastStretch } from '@hearsay/engine'
import { limits, loggedEvents } from '@hearsay/protocol'
import type { Log, Logged, Stretch } from './log/log.ts'
import type { Rooms } from './rooms/rooms.ts'

/** An event of the log in the engine's words. A message has the type that `onmessage` gets. */
const asEvent = ({ seq, id, kind, json }: Logged): PastEvent => ({
  seq,
  id,
  type: kind === 'message' ? '' : kind,
  data: json,
})

const asPast = ({ events, more, expired }: Stretch): PastStretch => ({
  events: events.map(asEvent),
  more,
  expired: expired.map(({ room, oldest }) => ({ key: room, oldest })),
})

/**
 * The hub over a log: a room is a topic. What the log made durable is announced; what the hub's windows do not hold is
 * read from the log. Nothing else announces what is logged, so an author hears himself by the same way as everyone.
 */
export function hubOver(log: Log, rooms: Rooms): Hub {
  const past: Past = {
    // A log that had to open its file anew has begun another epoch.
    get epochs() {
      return log.epochs
    },
    head: log.head,
    after: async (rooms, after, upTo, limit) => asPast(await log.after(rooms, after, upTo, limit)),
    newest: async (room, upTo, limit) => asPast(await log.newest(room, upTo, limit)),
  }
  const hub = new Hub({
    past,
    beat: limits.beat,
    counted: (type) => type === '',
    hello: ({ cursor, beat, verdicts }) => ({
      cursor,
      beat,
      rooms: Object.fromEntries([...verdicts].map(([room, verdict]) => [room, { verdict }])),
    }),
    gap: ({ key, after, oldest, reason }) => ({ room: key, after, oldest, reason }),
  })
  log.follow((events, rewritten) => {
    for (const event of events) {
      rooms.apply(event)
      if (event.kind in loggedEvents) hub.announce(event.room, asEvent(event))
      else hub.advance(event.seq)
    }
    // Listeners are visited after this turn: what was taken back in the same batch is sent to nobody.
    for (const { room, seq, json } of rewritten) hub.rewrite(room, seq, json)
  })
  return hub
}
