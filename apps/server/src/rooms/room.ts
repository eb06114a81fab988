import { timingSafeEqual } from 'node:crypto'
import {
  defaultSettings,
  type Filter as KeptFilter,
  type From,
  type Link,
  type Role,
  type Settings,
} from '@hearsay/protocol'
import { lookOf } from '../people/look.ts'
import { Refusal } from '../refusal.ts'
import { Filter } from './filter.ts'
import type { NetworksOut } from './networks-out.ts'
import { Sparse } from './sparse.ts'

/** What a role may do that the ones before it may not. */
const ranks: Readonly<Record<Role, number>> = { read: 1, speak: 2, moderate: 3, own: 4 }

/** May someone of this role do what that one may? */
export const atLeast = (role: Role | null, least: Role): boolean =>
  role !== null && ranks[role] >= ranks[least]

/** A link as it is kept: its secret's hash (SHA-256, hex), never the secret. */
export interface KeptLink {
  readonly hash: string
  readonly role: Role
  readonly label: string
  /** Milliseconds since 1970. */
  readonly made: number
  readonly expires: number | null
  readonly uses: number | null
}

/** Somebody's role, and the link that gave it: a link that is revoked takes its roles along. */
interface Grant {
  readonly link: string
}

/** Somebody is out, or silent, until then. */
export interface Penalty {
  /** Milliseconds since 1970. */
  readonly until: number
  readonly reason: string
  readonly by: string
}

/** Something that people said should go. */
export interface KeptReport {
  readonly at: number
  readonly reason: string
  /** Keyed hashes, whose key is gone after a day: from then on they only count. */
  readonly networks: readonly string[]
}

/** What a room is, beside what was said in it: the fold of its settings and records. */
export class Room {
  readonly name: string
  #settings: Settings = defaultSettings
  readonly #links = new Sparse<KeptLink>()
  readonly #grants = new Sparse<Grant>()
  /** By person: something of his was approved. By `before`: those who had spoken before newcomers were held. */
  readonly #known = new Sparse<readonly string[]>()
  readonly bans: Sparse<Penalty> = new Sparse()
  readonly mutes: Sparse<Penalty> = new Sparse()
  readonly #kicks = new Sparse<Penalty>()
  readonly reports: Sparse<KeptReport> = new Sparse()
  /** What the names look like of those who look after the room, by person, as far as they were seen here. */
  readonly #hosts = new Sparse<string>()
  readonly #networksOut: NetworksOut
  /** Nothing was ever said or done here. */
  isNew = false
  /** What those who look after it want to see before others do; null: nothing. */
  #filter: Filter | null = null

  constructor(name: string, networksOut: NetworksOut) {
    this.name = name
    this.#networksOut = networksOut
  }

  get settings(): Settings {
    return this.#settings
  }

  /** Was it made by somebody, who then holds its owner's link? Other rooms belong to nobody. */
  get isOwned(): boolean {
    for (const { role } of this.#links.values()) if (role === 'own') return true
    return false
  }

  get filter(): Filter | null {
    return this.#filter
  }

  /** Does something that this person says, or is called, wait until somebody who looks after the room has seen it? */
  isFiltered(text: string, person: string): boolean {
    return (
      this.#filter !== null &&
      !atLeast(this.granted(person), 'moderate') &&
      this.#filter.matches(text)
    )
  }

  applySettings(change: Readonly<Record<string, unknown>>): void {
    // Most rooms have the default, and share it.
    if (Object.keys(change).length === 0) return
    this.#settings = { ...this.#settings, ...change }
  }

  applyRecord(space: string, name: string, value: unknown): void {
    if (space === 'filter') this.#filter = value === null ? null : new Filter(value as KeptFilter)
    const kept = {
      link: this.#links,
      grant: this.#grants,
      ban: this.bans,
      mute: this.mutes,
      kick: this.#kicks,
      report: this.reports,
      known: this.#known,
    }[space]
    if (value === null) kept?.delete(name)
    else (kept as Sparse<unknown> | undefined)?.set(name, value)
  }

  /** The role that a link has given to a person; null: none. */
  granted(person: string): Role | null {
    const grant = this.#grants.get(person)
    return (grant && this.#links.get(grant.link)?.role) ?? null
  }

  /** Is somebody no newcomer, where newcomers are held? */
  knows(person: string): boolean {
    return this.#known.has(person) || (this.#known.get('before')?.includes(person) ?? false)
  }

  /** The role of a person in this room; null: he is not let in. */
  roleOf(person: string): Role | null {
    const granted = this.granted(person)
    const { hear, speak } = this.#settings
    const everyone: Role | null =
      hear === 'invited' ? null : speak === 'everyone' ? 'speak' : 'read'
    if (granted === null || everyone === null) return granted ?? everyone
    return atLeast(granted, everyone) ? granted : everyone
  }

  /** Does this room have anybody who looks after it? */
  get isHosted(): boolean {
    for (const { link } of this.#grants.values())
      if (atLeast(this.#links.get(link)?.role ?? null, 'moderate')) return true
    return false
  }

  /** Persons who look after it. */
  *hosts(): Iterable<string> {
    for (const [person, { link }] of this.#grants)
      if (atLeast(this.#links.get(link)?.role ?? null, 'moderate')) yield person
  }

  /** Somebody was seen under this name. */
  meet({ person, name }: From): void {
    const look = lookOf(name)
    if (!atLeast(this.granted(person), 'moderate') || this.#hosts.get(person) === look) return
    this.#hosts.delete(person)
    this.#hosts.set(person, look)
  }

  /** Does a name look like that of another who looks after the room: who may do more, or as much and had it before? */
  isHostsLook(look: string, { person, role }: From): boolean {
    let isBefore = true
    for (const [host, theirs] of this.#hosts) {
      if (host === person) isBefore = false
      if (host === person || theirs !== look) continue
      const granted = this.granted(host)
      if (!granted || !atLeast(granted, 'moderate')) continue
      if (!atLeast(role, granted) || (isBefore && role === granted)) return true
    }
    return false
  }

  banNetwork(network: string, person: string, until: number): void {
    this.#networksOut.ban(this.name, network, person, until)
  }

  readmitNetworkOf(person: string): void {
    this.#networksOut.readmit(this.name, person)
  }

  get hasNetworksOut(): boolean {
    return this.#networksOut.hasAny(this.name)
  }

  isNetworkOut(network: string, now: number): boolean {
    return this.#networksOut.has(this.name, network, now)
  }

  /** @throws Refusal `banned`, `removed` */
  checkNotOut(person: string, now: number): void {
    const ban = this.bans.get(person)
    if (ban && ban.until > now) throw penalty('banned', ban, now)
    const kick = this.#kicks.get(person)
    if (kick && kick.until > now) throw penalty('removed', kick, now)
  }

  /** @throws Refusal as `checkNotOut`, and `by-invitation` */
  checkHear(person: string, now: number): void {
    this.checkNotOut(person, now)
    if (this.roleOf(person) === null) throw new Refusal('by-invitation')
  }

  /** @throws Refusal as `checkHear`, and `listen-only`, `room-locked`, `room-closed`, `muted` */
  checkSpeak(person: string, now: number): void {
    this.checkHear(person, now)
    if (this.#settings.closed) throw new Refusal('room-closed')
    const role = this.roleOf(person)
    if (!atLeast(role, 'speak')) throw new Refusal('listen-only')
    // Of who looks after the room, too: it was somebody who may do more.
    const mute = this.mutes.get(person)
    if (mute && mute.until > now) throw penalty('muted', mute, now)
    if (this.#settings.locked && !atLeast(role, 'moderate')) throw new Refusal('room-locked')
  }

  /** @throws Refusal `not-allowed`; `banned`, `removed`: who is out looks after nothing, his own ban least of all */
  checkRole(person: string, least: Role, now: number): void {
    this.checkNotOut(person, now)
    if (!atLeast(this.roleOf(person), least)) throw new Refusal('not-allowed')
  }

  /** The link of this hash, if it still lets this person in. */
  linkOf(hash: string, now: number, person: string): string | undefined {
    const asked = Buffer.from(hash)
    for (const [id, link] of this.#links) {
      const kept = Buffer.from(link.hash)
      if (kept.length !== asked.length || !timingSafeEqual(kept, asked)) continue
      if (link.expires !== null && link.expires <= now) return undefined
      const isFull = link.uses !== null && this.#used(id) >= link.uses
      return isFull && this.grant(person) !== id ? undefined : id
    }
    return undefined
  }

  link(id: string): KeptLink | undefined {
    return this.#links.get(id)
  }

  grant(person: string): string | undefined {
    return this.#grants.get(person)?.link
  }

  /** As those see them who look after the room. */
  links(): Link[] {
    return [...this.#links].map(([id, { role, label, made, expires, uses }]) => {
      const used = this.#used(id)
      return {
        id,
        role,
        label,
        made: new Date(made).toISOString(),
        expires: expires === null ? null : new Date(expires).toISOString(),
        uses: uses === null ? null : Math.max(0, uses - used),
        used,
      }
    })
  }

  #used(id: string): number {
    let used = 0
    for (const { link } of this.#grants.values()) if (link === id) used++
    return used
  }
}

const words = {
  banned: 'You were banned from this room',
  removed: 'You were removed from this room, and may come back after a minute,',
  muted: 'You may not speak here',
} as const

function penalty(code: keyof typeof words, { until, reason }: Penalty, now: number): Refusal {
  const when = code === 'removed' ? 'at' : 'until'
  const why = reason === '' ? '' : `: ${reason}`
  const sentence = `${words[code]} ${when} ${new Date(until).toISOString()}${why}.`
  return new Refusal(code, sentence, until - now, reason === '' ? {} : { reason })
}
