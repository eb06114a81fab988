// axe-core, with which the tests look for what keeps people out of the page. A tool of the tests, as Chromium is, and no dependency:
// it is under the MPL 2.0, and nothing of ours is built with it. `node scripts/axe.mjs` brings it.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { npm } from './install.mjs'
import { command, root } from './ready.mjs'

const version = '4.14.1'
/** Of the package as its authors published it. */
const sha512 =
  'FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=='
const folder = join(root, '.cache/axe-core')
const script = join(folder, `axe-${version}.min.js`)

const ran = (program, args, options) =>
  spawnSync(program, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options }).status === 0

/** Makes sure of axe-core, and answers the path of its script. Throws with the command to run where it can't be had. */
export function axe() {
  if (existsSync(script)) return script
  console.log(`Getting axe-core ${version}, for the tests ...`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const [program, args, options] = npm(['pack', `axe-core@${version}`, '--loglevel=error'])
  const packed = join(folder, `axe-core-${version}.tgz`)
  if (!ran(program, args, { cwd: folder, ...options }) || !existsSync(packed)) {
    throw new Error(
      `The tests need axe-core ${version}, which npm could not get. Once that is mended, run: node scripts/axe.mjs`,
    )
  }
  const found = createHash('sha512').update(readFileSync(packed)).digest('base64')
  if (found !== sha512) {
    throw new Error(
      `axe-core ${version} is not what it was: its SHA-512 is ${found}. It is not used.`,
    )
  }
  const inside = 'package/axe.min.js'
  if (!ran('tar', ['-xzf', packed, '-C', folder, inside])) {
    throw new Error(`${packed} could not be opened: see above. To try again: node scripts/axe.mjs`)
  }
  // The name says that it is whole: it is given last.
  renameSync(join(folder, inside), script)
  return script
}

await command(import.meta.url, () => {
  console.log(axe())
})
