import { Type, type Static } from 'typebox'
import * as limits from './limits.ts'

/** The id of a file, which is also the secret by which it is read: 192 bits, base64url. */
export const fileIdPattern = '^[A-Za-z0-9_-]{32}$'

/** A file that a message carries. Its bytes are at `/r/{room}/files/{id}`. */
export const Attachment = Type.Object({
  id: Type.String({
    pattern: fileIdPattern,
    description: 'Also the secret by which it is read: whoever has it can.',
  }),
  type: Type.String({
    description: 'image/jpeg, image/png, image/gif or image/webp; else application/octet-stream.',
  }),
  size: Type.Integer({ minimum: 1, maximum: limits.file, description: 'Bytes.' }),
  name: Type.Optional(
    Type.String({ maxLength: limits.fileName, description: 'Of what is no picture.' }),
  ),
  width: Type.Optional(Type.Integer({ minimum: 1, description: 'Of a picture, in pixels.' })),
  height: Type.Optional(Type.Integer({ minimum: 1, description: 'Of a picture, in pixels.' })),
})
export type Attachment = Static<typeof Attachment>

/** How far a file has come in: the rest is sent from there on. */
export const Upload = Type.Object({
  id: Type.String({ pattern: fileIdPattern }),
  at: Type.Integer({ minimum: 0, description: 'Bytes that are there.' }),
})
export type Upload = Static<typeof Upload>
