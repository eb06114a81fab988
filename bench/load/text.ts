/**
 * The text of every message starts with `@m:` and eight digits, so that one load generator can find and number messages
 * in any wire format (chunked SSE, WebSocket frames, engine.io packets) without parsing it.
 */
const marker: { readonly first: number; readonly size: number } = { first: 0x40, size: 11 }

const filler =
  'the quick rumour went over the lazy river and came back twice as long as it had been when it left '

/** The text of message `seq` (0 to 99,999,999), `length` ASCII characters long: no character that JSON would escape. */
export function textOf(seq: number, length: number): string {
  const head = `@m:${String(seq).padStart(8, '0')} `
  return (head + filler.repeat(Math.ceil(length / filler.length))).slice(0, length)
}

/** What is remembered of one stream between two reads. */
export class Place {
  /** A marker that the last read may have cut. */
  readonly cut: Buffer = Buffer.alloc(2 * marker.size)
  cutLength = 0
}

function numberAt(bytes: Buffer, at: number): number {
  if (bytes[at] !== 0x40 || bytes[at + 1] !== 0x6d || bytes[at + 2] !== 0x3a) return -1
  let number = 0
  for (let i = at + 3; i < at + 11; i++) {
    const digit = bytes[i]! - 0x30
    if (digit < 0 || digit > 9) return -1
    number = number * 10 + digit
  }
  return number
}

/** Finishes a marker that was cut by the end of the last read. Answers how many of the new bytes were used up. */
function finishCut(place: Place, bytes: Buffer, length: number, found: Int32Array): number {
  const { cut } = place
  const known = place.cutLength
  const total = known + bytes.copy(cut, known, 0, Math.min(length, marker.size - 1))
  for (let at = 0; at < known; at++) {
    if (at + marker.size > total) {
      // Still not whole: the read was shorter than a marker.
      cut.copy(cut, 0, at, total)
      place.cutLength = total - at
      return length
    }
    const number = numberAt(cut, at)
    if (number < 0) continue
    found[0] = number
    place.cutLength = 0
    return at + marker.size - known
  }
  place.cutLength = 0
  return 0
}

/**
 * Writes the numbers of the messages that begin in these bytes into `found`, in order, and answers how many there are.
 * However a stream is cut into reads, each message is found once.
 *
 * @param bytes Its byte at `length`, where there is one, is overwritten.
 * @param found Must have room for `length / 11 + 1` numbers.
 */
export function scan(place: Place, bytes: Buffer, length: number, found: Int32Array): number {
  let count = 0
  let at = 0
  if (place.cutLength > 0) {
    at = finishCut(place, bytes, length, found)
    if (at > 0) count = place.cutLength > 0 ? 0 : 1
  }
  // What a longer read left behind in the shared buffer must not be searched.
  if (length < bytes.length) bytes[length] = marker.first
  while (at < length) {
    const next = bytes.indexOf(marker.first, at)
    if (next < 0 || next >= length) break
    if (next + marker.size > length) {
      place.cutLength = bytes.copy(place.cut, 0, next, length)
      break
    }
    const number = numberAt(bytes, next)
    if (number < 0) {
      at = next + 1
      continue
    }
    found[count++] = number
    at = next + marker.size
  }
  return count
}
