import type {
  Act,
  AllHeld,
  Filter,
  Joined,
  Kick,
  Link,
  MadeLink,
  MadeRoom,
  MakeLink,
  MakeReport,
  MakeRoom,
  Penalize,
  Message,
  Penalty,
  Remove,
  Removed,
  Report,
  Settings,
  SettingsChange,
  Undone,
} from '@hearsay/protocol'
import { call, path, type Server } from './calls.ts'
import { Slot, whose } from './slot.ts'

// What those who look after a room can do, and how one becomes one of them. Every call throws a ProblemError where the
// server refuses it.

/** A room that is shown to everyone. */
export interface Listed {
  readonly room: string
  readonly title: string
  readonly topic: string
  /** How many people are there. */
  readonly count: number
}

/** The rooms that want to be found, in the order of their names. `after`: where the next page begins; null: none. */
export function rooms(
  server: Server,
  after?: string,
): Promise<{ readonly rooms: readonly Listed[]; readonly after: string | null }> {
  return call(server, after === undefined ? '/rooms' : `/rooms?after=${encodeURIComponent(after)}`)
}

/** Makes a room that the caller owns. The owner's link is in the answer, and nowhere else, ever. */
export function makeRoom(server: Server, room: MakeRoom = {}): Promise<MadeRoom> {
  return call(server, '/rooms', { method: 'POST', body: room })
}

/** Changes a room's settings, and answers all of them. */
export function changeSettings(
  server: Server,
  room: string,
  change: SettingsChange,
): Promise<Settings> {
  return call(server, path(room, 'settings'), { method: 'PATCH', body: change })
}

/** Takes the role that a link carries: its secret stands after `#k=`. */
export function accept(server: Server, room: string, secret: string): Promise<Joined> {
  return call(server, path(room, 'join'), { method: 'POST', body: { secret } })
}

/** The room's links, without their secrets. */
export function links(server: Server, room: string): Promise<{ readonly links: readonly Link[] }> {
  return call(server, path(room, 'links'))
}

/** Makes a link that carries a role. Its secret is in the answer, this once. */
export function makeLink(server: Server, room: string, link: MakeLink): Promise<MadeLink> {
  return call(server, path(room, 'links'), { method: 'POST', body: link })
}

/** Gives a link a new secret. Whoever came by the old one is out, but for the caller. */
export function rotateLink(server: Server, room: string, id: string): Promise<MadeLink> {
  return call(server, path(room, 'links', id, 'rotate'), { method: 'POST' })
}

/** Takes a link back, and every role that came by it. */
export function dropLink(server: Server, room: string, id: string): Promise<void> {
  return call(server, path(room, 'links', id), { method: 'DELETE' })
}

/** Ends a person's streams. They may come back after a minute. */
export function kick(server: Server, room: string, who: Kick): Promise<Penalty> {
  return call(server, path(room, 'kicks'), { method: 'POST', body: who })
}

/** Puts a person out for some time, a day where none is given. */
export function ban(server: Server, room: string, penalty: Penalize): Promise<Penalty> {
  return call(server, path(room, 'bans'), { method: 'POST', body: penalty })
}

/** Those who are out. */
export function bans(server: Server, room: string): Promise<{ readonly bans: readonly Penalty[] }> {
  return call(server, path(room, 'bans'))
}

/** Lets a person in again. */
export function unban(server: Server, room: string, person: string): Promise<void> {
  return call(server, path(room, 'bans', person), { method: 'DELETE' })
}

/** Silences a person for some time, a day where none is given. */
export function mute(server: Server, room: string, penalty: Penalize): Promise<Penalty> {
  return call(server, path(room, 'mutes'), { method: 'POST', body: penalty })
}

/** Those who are silent. */
export function mutes(
  server: Server,
  room: string,
): Promise<{ readonly mutes: readonly Penalty[] }> {
  return call(server, path(room, 'mutes'))
}

/** Lets a person speak again. */
export function unmute(server: Server, room: string, person: string): Promise<void> {
  return call(server, path(room, 'mutes', person), { method: 'DELETE' })
}

/** Reported messages of a room that are remembered. */
const REPORTED = 200

/** One for each room and person: what the browser does not keep lasts as long as this. */
const slots = new Map<string, Slot>()

function reportsOf(server: Server, room: string): Slot {
  const name = `${whose(server)}:${room}`
  const slot = slots.get(name) ?? new Slot(name)
  slots.set(name, slot)
  return slot
}

/**
 * Tells those who look after the room of a message. For others it does nothing by itself; who reported it need not see it
 * any more (`reported`).
 */
export async function report(server: Server, room: string, about: MakeReport): Promise<void> {
  await call(server, path(room, 'reports'), { method: 'POST', body: about })
  const ids = [...reported(server, room), about.message].slice(-REPORTED)
  reportsOf(server, room).remember('reported', JSON.stringify(ids))
}

/** Ids of the messages that this person reported from this browser, the newest last: a page collapses them. */
export function reported(server: Server, room: string): ReadonlySet<string> {
  return new Set(JSON.parse(reportsOf(server, room).recall('reported') ?? '[]') as string[])
}

/** What was reported and not yet looked at. */
export function reports(
  server: Server,
  room: string,
): Promise<{ readonly reports: readonly Report[] }> {
  return call(server, path(room, 'reports'))
}

/** A report was looked at. */
export function dismissReport(server: Server, room: string, id: string): Promise<void> {
  return call(server, path(room, 'reports', id), { method: 'DELETE' })
}

/**
 * Hides messages from everyone: these, those of a person, or those of newcomers. For an hour `undo` brings them back; then they
 * are gone for good. A single message is removed at once and for good by `remove`.
 */
export function removeMany(server: Server, room: string, what: Remove): Promise<Removed> {
  return call(server, path(room, 'removals'), { method: 'POST', body: what })
}

/**
 * Takes back an act of the room's log that has an `until`. Problems: `too-late` after an hour, `not-undoable` where it was
 * taken back or changed since.
 */
export function undo(server: Server, room: string, act: string): Promise<Undone> {
  return call(server, path(room, 'undo'), { method: 'POST', body: { act } })
}

/** What waits for review, oldest first, at most 100: all of it for who looks after the room, for others their own. */
export function held(server: Server, room: string, after?: string): Promise<AllHeld> {
  const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`
  return call(server, `${path(room, 'held')}${query}`)
}

/** Lets a message through that waits: it is said now, by its author, who is no newcomer any more. */
export function approve(server: Server, room: string, id: string): Promise<Message> {
  return call(server, path(room, 'held', id), { method: 'POST' })
}

/** Refuses what waits, or takes back one's own. It is gone from the server's disk as well. */
export function refuse(server: Server, room: string, id: string): Promise<void> {
  return call(server, path(room, 'held', id), { method: 'DELETE' })
}

/** What waits for review by its words, whoever says it. Nobody learns of it but those who look after the room. */
export function filter(server: Server, room: string): Promise<Filter> {
  return call(server, path(room, 'filter'))
}

/** Sets what waits for review by its words: all of it anew. What was said before stays. */
export function changeFilter(server: Server, room: string, words: Filter): Promise<Filter> {
  return call(server, path(room, 'filter'), { method: 'PUT', body: words })
}

/** What was done in the room by whom, newest first, at most 100: those before the act with this id, where one is given. */
export function log(
  server: Server,
  room: string,
  before?: string,
): Promise<{ readonly acts: readonly Act[] }> {
  const query = before === undefined ? '' : `?before=${encodeURIComponent(before)}`
  return call(server, `${path(room, 'log')}${query}`)
}
