import { Type, type Static } from 'typebox'
import { From, Message } from './events.ts'
import { idPattern } from './patterns.ts'

const Id = Type.String({ pattern: idPattern })

/** A message that waits for who looks after the room: no event has it, and nobody else hears of it. */
export const Held = Type.Object({
  id: Type.String({ pattern: idPattern, description: 'Its own; approved, it has another one.' }),
  room: Message.properties.room,
  at: Message.properties.at,
  from: From,
  text: Type.String(),
  replyTo: Message.properties.replyTo,
  key: Message.properties.key,
  files: Message.properties.files,
  held: Type.Literal(true),
})
export type Held = Static<typeof Held>

/** Answer of `GET /r/{room}/held`. */
export const AllHeld = Type.Object({
  held: Type.Array(Held, { description: 'Oldest first.' }),
  after: Type.Union([Id, Type.Null()], {
    description: 'For the next page; null: this is the last.',
  }),
})
export type AllHeld = Static<typeof AllHeld>
