import { fileURLToPath } from 'node:url'
import { build, type Rollup } from 'vite'

/**
 * A script that runs in a page as it is; minified it is what a page loads first, without what it imports later. `entry` is an
 * address beside this file, or a virtual module's text.
 */
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
        output: { format: 'es', codeSplitting: minify },
      },
    },
  })) as Rollup.RollupOutput | Rollup.RollupOutput[]
  const [first] = [output].flat()
  const chunks = first?.output.filter((part) => part.type === 'chunk') ?? []
  const loaded = new Set(chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName))
  for (const file of loaded)
    for (const next of chunks.find(({ fileName }) => fileName === file)?.imports ?? [])
      loaded.add(next)
  return chunks
    .filter(({ fileName }) => loaded.has(fileName))
    .map(({ code }) => code)
    .join('')
}
