import { crc32, deflateSync } from 'node:zlib'

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const ends = Buffer.alloc(8)
  ends.writeUInt32BE(data.length, 0)
  ends.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
}

/**
 * A PNG of one colour (PNG, third edition, section 5).
 * @param options.secret stands in a text chunk beside the pixels
 * @param options.noise bytes that stand for pixels no compression makes smaller, so many of them
 */
export function png(
  width: number,
  height: number,
  options: { readonly secret?: string; readonly noise?: Uint8Array } = {},
): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 2, 0, 0, 0], 8)
  const row = Buffer.concat([Buffer.of(0), Buffer.alloc(width * 3, 0x80)])
  const pixels = options.noise ?? Buffer.concat(Array.from({ length: height }, () => row))
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    ...(options.secret ? [chunk('tEXt', Buffer.from(`Comment\0${options.secret}`))] : []),
    chunk('IDAT', options.noise ? pixels : deflateSync(pixels)),
    chunk('IEND', new Uint8Array()),
  ])
}
