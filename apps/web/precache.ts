import { createHash } from 'node:crypto'
import type { Plugin } from 'vite'

/** What the service worker's source says where the list of files is to stand. */
const placeholder = '__SHELL__'

/**
 * Writes the list of what the page needs to open offline into the service worker: all of its files, as a menu that can't
 * be opened in a train is no menu. They are some 60 KB compressed, and are fetched after the first load.
 */
export function precache(): Plugin {
  return {
    name: 'hearsay:precache',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const worker = bundle['sw.js']
      if (worker?.type !== 'chunk') this.error('There is no sw.js to write the list of files into.')
      const files = Object.keys(bundle).filter((name) => name.startsWith('assets/'))
      const shell = [
        ...files.map((name) => `/${name}`),
        '/icon.svg',
        '/manifest.webmanifest',
      ].sort()
      const version = createHash('sha256').update(shell.join()).digest('hex').slice(0, 12)
      if (!worker.code.includes(placeholder))
        this.error('sw.js has no place for the list of files.')
      // Within a string of either quote: JSON that names files of ours has neither of them unescaped.
      worker.code = worker.code.replace(
        placeholder,
        JSON.stringify({ version, shell }).replaceAll('"', '\\"'),
      )
    },
  }
}
