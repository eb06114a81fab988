// Builds what is stale: the compiler knows for itself what that is, the page's bundle is asked here.
import { cpSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { command, ready, root, run } from './ready.mjs'

const page = 'apps/web/dist/public/index.html'
const packed = join(root, 'apps/server/public')
const bundled = ['apps/web', 'packages/client/src', 'packages/protocol/src', 'package-lock.json']

/** When anything in here was last written, in ms since 1970. Folders count: deleting a file writes its folder. */
function newest(path) {
  const entry = statSync(path)
  if (!entry.isDirectory()) return entry.mtimeMs
  const within = readdirSync(path).filter((name) => name !== 'dist' && name !== 'node_modules')
  return Math.max(entry.mtimeMs, ...within.map((name) => newest(join(path, name))))
}

export async function build(node) {
  if ((await run(node, ['node_modules/typescript/bin/tsc', '-b'])) !== 0) {
    throw new Error('The build failed: the compiler says why above.')
  }
  const inputs = bundled.map((path) => newest(join(root, path)))
  if (existsSync(page) && existsSync(packed) && statSync(page).mtimeMs >= Math.max(...inputs))
    return
  console.log('Building the page ...')
  const vite = ['node_modules/vite/bin/vite.js', 'build', 'apps/web', '--logLevel', 'warn']
  if ((await run(node, vite)) !== 0) throw new Error('The page could not be built: see above.')
  // The server's package carries the page with it.
  rmSync(packed, { recursive: true, force: true })
  cpSync(join(root, 'apps/web/dist/public'), packed, { recursive: true })
}

await command(import.meta.url, async () => build(await ready()))
