import type { Plugin } from 'vite'

/**
 * What Vite and the minifier make of an `import()`, with `null` for the function that Vite would call: one that takes
 * the names that are wanted, and one that is handed on whole.
 */
const wrapped =
  /null\((?:async\(\)=>\{let\{[^}]*\}=await (import\([^)]*\));return\{[^}]*\}\}|\(\)=>(import\([^)]*\))),__VITE_PRELOAD__\)/g

/**
 * Takes off what Vite puts around each `import()` to load the style sheets that go with it: 1.1 KB of the first load,
 * compressed. The parts of this page that come late bring their styles within them (ui/later.tsx).
 */
export function plainImports(): Plugin {
  return {
    name: 'hearsay:plain-imports',
    apply: 'build',
    enforce: 'pre',
    load: (id) => (id === '\0vite/preload-helper.js' ? 'export const __vitePreload = null' : null),
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue
        chunk.code = chunk.code.replace(wrapped, '$1$2')
        if (chunk.code.includes('__VITE_PRELOAD__')) {
          this.error(`In ${chunk.fileName} Vite wraps import() in a way that is not known here.`)
        }
      }
    },
  }
}
