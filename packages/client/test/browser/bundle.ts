import { fileURLToPath } from 'node:url'
import { build, type Rollup } from 'vite'

/** A script that runs in a page as it is. `entry` is an address beside this file, or a virtual module's text. */
export async function bundle(entry: string, minify = false): Promise<string> {
  const file = entry.startsWith('.') ? fileURLToPath(new URL(entry, import.meta.url)) : undefined
  const virtual = '\0entry.js'
  const output = (await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('.', import.meta.url)),
    resolve: { conditions: ['@hearsay/source', 'module', 'browser', 'default'] },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? virtual : undefined),
        load: (id) => (id === virtual ? entry : undefined),
      },
    ],
    build: {
      write: false,
      minify,
      target: 'es2022',
      modulePreload: false,
      rollupOptions: {
        input: file ?? 'entry',
        preserveEntrySignatures: 'strict',
        output: { format: 'es' },
      },
    },
  })) as Rollup.RollupOutput | Rollup.RollupOutput[]
  const [first] = [output].flat()
  return first?.output.map((part) => (part.type === 'chunk' ? part.code : '')).join('') ?? ''
}
