import { Type, type Static } from 'typebox'
import * as limits from './limits.ts'

/** What a room's owner can set. Every one has a default, so a room without any works. */
export const Settings = Type.Object({
  title: Type.String({ maxLength: limits.title, description: 'Shown instead of the name.' }),
  topic: Type.String({ maxLength: limits.topic }),
  listed: Type.Boolean({ description: 'Shown to everyone who asks which rooms there are.' }),
  hear: Type.Union([Type.Literal('everyone'), Type.Literal('invited')]),
  speak: Type.Union([Type.Literal('everyone'), Type.Literal('speakers')], {
    description: 'speakers: only who came by a link that lets speak. An announcement room.',
  }),
  slow: Type.Integer({
    minimum: 0,
    maximum: 3600,
    description: 'Seconds between two messages of one person.',
  }),
  locked: Type.Boolean({ description: 'Only who looks after the room may speak, for now.' }),
  closed: Type.Boolean({ description: 'Nobody may speak any more.' }),
  files: Type.Boolean({
    description:
      'People may send pictures and files, where the server takes some. Who looks after the room may in any case.',
  }),
  keepCount: Type.Integer({
    minimum: 1,
    maximum: 100_000,
    description: 'Newest messages that are kept.',
  }),
  keepHours: Type.Integer({
    minimum: 1,
    maximum: 8784,
    description: 'Hours that a message is kept.',
  }),
  review: Type.Union([Type.Literal('off'), Type.Literal('newcomers'), Type.Literal('everyone')], {
    description:
      'Whose messages wait for somebody who looks after the room. Never those of who came by a link that lets speak.',
  }),
  guard: Type.Union(
    [Type.Literal('auto'), Type.Literal('review'), Type.Literal('on'), Type.Literal('off')],
    {
      description:
        'Against a crowd of newcomers: auto makes them wait or prove work while there is one, review holds what they say; on: now.',
    },
  ),
})
export type Settings = Static<typeof Settings>

export const defaultSettings: Settings = {
  title: '',
  topic: '',
  listed: false,
  hear: 'everyone',
  speak: 'everyone',
  slow: 0,
  locked: false,
  closed: false,
  files: true,
  keepCount: 10_000,
  keepHours: 30 * 24,
  review: 'off',
  guard: 'auto',
}

/** Body of `PATCH /r/{room}/settings`: what is to change. */
export const SettingsChange = Type.Partial(Settings, {
  additionalProperties: false,
  minProperties: 1,
})
export type SettingsChange = Static<typeof SettingsChange>
