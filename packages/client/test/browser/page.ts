/** What runs in the page: the client as it is, under one name, and a record of what a room went through. */
import * as client from '@hearsay/client'
import type { Room, RoomOptions } from '@hearsay/client'

interface Joined {
  readonly room: Room
  /** Each connection phase in its turn. */
  readonly phases: string[]
}

const joined: Record<string, Joined> = {}

function join(name: string, options: RoomOptions = {}): void {
  const room = client.joinRoom(name, options)
  const phases: string[] = []
  const note = (): void => {
    const { phase } = room.snapshot.connection
    if (phases.at(-1) !== phase) phases.push(phase)
  }
  note()
  room.subscribe(note)
  joined[name] = { room, phases }
}

Object.assign(globalThis, { hearsay: { ...client, joined, join } })

declare global {
  var hearsay: typeof client & { joined: typeof joined; join: typeof join }
}
