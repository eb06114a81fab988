import { createHash } from 'node:crypto'
import type { Plugin } from 'vite'

/** What the service worker's source says where the list of files is to stand. */
const placeholder = '__SHELL__'

/**
 * Writes the list of what the page needs to open offline into the service worker: the files of the first load, not
 * the languages and panels that come on demand (those are kept once they have been used).
 */
export function precache(): Plugin {
  return {
    name: 'hearsay:precache',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const worker = bundle['sw.js']
      if (worker?.type !== 'chunk') return
      const first = new Set<string>()
      for (const file of Object.values(bundle)) {
        if (file.type === 'asset' && file.fileName.endsWith('.css')) first.add(`/${file.fileName}`)
        if (file.type !== 'chunk' || !file.isEntry || file === worker) continue
        for (const name of [file.fileName, ...file.imports]) first.add(`/${name}`)
      }
      const shell = [...first, '/icon.svg', '/manifest.webmanifest'].sort()
      const version = createHash('sha256').update(shell.join()).digest('hex').slice(0, 12)
      worker.code = worker.code.replace(
        placeholder,
        JSON.stringify(JSON.stringify({ version, shell })).slice(1, -1),
      )
    },
  }
}
