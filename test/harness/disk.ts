import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** All bytes of all files under a folder, and the names of the files, as `grep -r` would see them. */
export function bytesUnder(folder: string): Buffer {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return Buffer.concat(
    files
      .flatMap((file) => {
        try {
          const path = join(folder, file)
          return [Buffer.from(`${file}\n`), statSync(path).isFile() ? readFileSync(path) : '']
        } catch {
          // A temporary file that went meanwhile.
          return ['']
        }
      })
      .map((each) => Buffer.from(each)),
  )
}

/** A text as it may stand in a file: as it is, and in Base64 at whatever place of three bytes it began. */
export function forms(text: string): string[] {
  const aligned = [0, 1, 2].map((skip) =>
    // The first and the last characters depend on what stands around it.
    Buffer.from(' '.repeat(skip) + text)
      .toString('base64')
      .replace(/=+$/, '')
      .slice(skip === 0 ? 0 : 4, -2),
  )
  return [text, encodeURIComponent(text), Buffer.from(text).toString('hex'), ...aligned]
}
