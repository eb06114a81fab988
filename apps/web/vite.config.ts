import { defineConfig } from 'vite'
import { coming } from './coming.ts'
import { compileHints } from './compile-hints.ts'
import { plainImports } from './plain-imports.ts'
import { precache } from './precache.ts'

export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ['@hearsay/source', 'browser', 'module', 'import', 'default'] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [plainImports(), compileHints(), precache(), coming()],
  build: {
    outDir: 'dist/public',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: false,
    // What belongs to what, for size.ts.
    manifest: 'chunks.json',
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/sw.ts' },
      output: {
        // What the first load needs in one file: compressed together it is smaller.
        codeSplitting: {
          groups: [{ name: 'hearsay', tags: ['$initial'], test: /^(?!.*sw\.ts$)/ }],
        },
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
})
