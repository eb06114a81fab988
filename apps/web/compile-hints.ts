import type { Plugin } from 'vite'

/** The files of which nearly all is run soon: the page itself, and what comes when it is idle. */
const files = new Set(['hearsay', 'soon'])

/**
 * Has the browser compile all of these files while they come in, on another thread, instead of each function when it is
 * first called, which is when somebody waits for it (V8, explicit compile hints). Others take it for a comment.
 */
export function compileHints(): Plugin {
  return {
    name: 'hearsay:compile-hints',
    apply: 'build',
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === 'chunk' && files.has(file.name))
          file.code = `//# allFunctionsCalledOnLoad\n${file.code}`
      }
    },
  }
}
