import { defineConfig } from 'vite'
import { precache } from './precache.ts'

export default defineConfig({
  root: import.meta.dirname,
  resolve: { conditions: ['@hearsay/source', 'browser', 'module', 'import', 'default'] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [precache()],
  build: {
    outDir: 'dist/public',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    // Every browser of the target has it, and its polyfill would have to be an inline script.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/sw.ts' },
      output: {
        entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
})
