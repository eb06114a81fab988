import { Hub, type Past, type PastEvent, type PastStretch } from '@hearsay/engine'
import { limits, loggedEvents, type From } from '@hearsay/protocol'
import { LogError, type Log, type Logged, type Stretch } from './log/log.ts'
import { reportFault } from './problem.ts'
import type { Raid } from './rooms/raids.ts'
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
  expired: expired.map(({ room, ...rest }) => ({ key: room, ...rest })),
})

/**
 * The hub over a log: a room is a topic. What the log made durable is announced; what the hub's windows do not hold is
 * read from the log. Nothing else announces what is logged, so an author hears himself by the same way as everyone.
 *
 * @param changed something happened in a room of which no event tells
 */
export function hubOver(log: Log, rooms: Rooms, changed: (room: string) => void): Hub {
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
    hello: ({ cursor, head, beat, verdicts }) => ({
      cursor,
      head,
      beat,
      rooms: Object.fromEntries([...verdicts].map(([room, verdict]) => [room, { verdict }])),
    }),
    gap: ({ key, ...rest }) => ({ room: key, ...rest }),
  })
  log.follow((events, rewritten) => {
    for (const event of events) {
      rooms.apply(event)
      if (event.kind in loggedEvents) hub.announce(event.room, asEvent(event))
      else {
        hub.advance(event.seq)
        changed(event.room)
      }
    }
    // Listeners are visited after this turn: what was taken back in the same batch is sent to nobody.
    for (const { room, seq, json } of rewritten) hub.rewrite(room, seq, json)
  })
  return hub
}

/** What a room does by itself is done by nobody. */
const itself: From = { person: '', name: 'Hearsay', mark: '', role: 'own' }

/** Tells the room that a raid began, or (null) is over, and the log of whoever looks after it. */
export function raidTeller(
  log: Log,
  hub: Hub,
  rooms: Rooms,
  clock: () => number,
): (room: string, raid: Raid | null) => void {
  const shown = (ms: number | null | undefined): string | null =>
    ms === null || ms === undefined ? null : new Date(ms).toISOString()
  const keep = async (room: string, value: object | null): Promise<void> => {
    // A room that nobody looks after has no log that anybody could read.
    if (!(await rooms.open(room)).isHosted) return
    await log.append({
      kind: 'act',
      room,
      at: clock(),
      from: itself,
      space: 'raid',
      name: '',
      value,
    })
  }
  return (room, raid) => {
    const value = { since: shown(raid?.since), until: shown(raid?.until) }
    hub.topic(room).signal('raid', { room, ...value })
    keep(room, raid && value).catch((error: unknown) => {
      // A log that takes nothing says so to whoever wants to say something.
      if (!(error instanceof LogError)) reportFault(error)
    })
  }
}
