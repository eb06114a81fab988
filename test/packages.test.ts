import { existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { files, root, text } from './sources.ts'

type Versions = Readonly<Record<string, string>>

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly license?: string
  readonly type?: string
  readonly engines?: Versions
  readonly files?: readonly string[]
  readonly sideEffects?: boolean
  readonly bin?: Versions
  readonly scripts?: Versions
  readonly allowScripts?: Readonly<Record<string, boolean>>
  readonly exports?: Readonly<Record<string, string | Versions>>
  readonly dependencies?: Versions
  readonly devDependencies?: Versions
  readonly optionalDependencies?: Versions
}

/** A package as package-lock.json has it. */
interface Locked extends Omit<Manifest, 'name'> {
  readonly version?: string
  readonly link?: boolean
  readonly dev?: boolean
  readonly hasInstallScript?: boolean
}

const manifest = (path: string): Manifest => JSON.parse(text(path)) as Manifest
const house = manifest('package.json')
const workspaces = files('{packages,apps,examples}/*/package.json', 'bench/package.json')
const published = workspaces.filter((path) => !manifest(path).private)
const lock = (JSON.parse(text('package-lock.json')) as { packages: Record<string, Locked> })
  .packages
const installed = Object.entries(lock).filter(
  ([path, { link }]) => path.includes('node_modules/') && !link,
)
const nameOf = (path: string): string => path.slice(path.lastIndexOf('node_modules/') + 13)

describe('every package.json of ours', () => {
  it.each(workspaces)('%s: MIT, ESM, no script at install', (path) => {
    const { license, type, scripts = {} } = manifest(path)
    expect({ license, type }).toEqual({ license: 'MIT', type: 'module' })
    expect(Object.keys(scripts).filter((name) => /install|^prepare$/.test(name))).toEqual([])
  })
})

describe('every published package', () => {
  it('is one of these', () => {
    expect(published.map((path) => manifest(path).name).toSorted()).toEqual([
      '@hearsay/client',
      '@hearsay/engine',
      '@hearsay/protocol',
      'hearsay',
    ])
  })

  it.each(published)('%s: runs on the Node it says, and publishes sources and build', (path) => {
    const { name, engines, files: kept, sideEffects } = manifest(path)
    const program = name === 'hearsay'
    expect(engines).toEqual({ node: program ? '>=24.15' : '>=22' })
    expect(kept).toEqual(expect.arrayContaining(['dist', 'src']))
    expect(sideEffects).toBe(program ? undefined : false)
  })

  it.each(published)('%s: brings its licence along', (path) => {
    expect(text(join(dirname(path), 'LICENSE'))).toBe(text('LICENSE'))
  })

  it.each(published)('%s: each export is a source, its types and its build', (path) => {
    const { exports = {}, bin = {} } = manifest(path)
    const { './package.json': own, ...doors } = exports
    expect(own).toBe('./package.json')
    for (const door of Object.values(doors)) {
      const source = (door as Versions)['@hearsay/source'] ?? ''
      const build = source.replace('./src/', './dist/').replace(/\.ts$/, '')
      // The order counts: the first condition that holds is taken.
      expect(Object.entries(door)).toEqual([
        ['@hearsay/source', source],
        ['types', `${build}.d.ts`],
        ['default', `${build}.js`],
      ])
      expect(existsSync(join(root, dirname(path), source)), source).toBe(true)
    }
    for (const file of Object.values(bin)) {
      expect(statSync(join(root, dirname(path), file)).mode & 0o111, `${file} can be run`).toBe(
        0o111,
      )
    }
  })
})

describe('package-lock.json', () => {
  const free = new Set([
    'MIT',
    'ISC',
    'BSD-2-Clause',
    'BSD-3-Clause',
    '0BSD',
    'Apache-2.0',
    'BlueOak-1.0.0',
  ])
  /** Tools of the house under other licences. None of their code is in what we publish or serve. */
  const tolerated = [
    {
      name: /^lightningcss(-|$)/,
      license: 'MPL-2.0',
      because: 'vite compresses style sheets with it',
    },
  ]

  it('holds packages under free licences only', () => {
    const others = installed
      .filter(([, { license }]) => !free.has(license ?? ''))
      .filter(
        ([path, { license, dev }]) =>
          !tolerated.some((one) => one.name.test(nameOf(path)) && one.license === license && dev),
      )
    expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([])
    expect(installed.length).toBeGreaterThan(100)
  })

  it('holds no install script that package.json does not allow by name', () => {
    const scripts = installed
      .filter(([, entry]) => entry.hasInstallScript)
      .map(([path]) => nameOf(path))
    expect(scripts.filter((name) => !house.allowScripts?.[name])).toEqual([])
  })

  // npm ci refuses a lock that lacks a package, be it one for another kind of machine; npm install writes such locks.
  it('is whole', () => {
    const gone = Object.entries(lock).flatMap(([path, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies })
        .filter((name) => !found(path, name))
        .map((name) => `${path} needs ${name}`),
    )
    expect(gone).toEqual([])
  })

  it('is of these package.json files', () => {
    for (const path of ['package.json', ...workspaces]) {
      const entry = lock[path === 'package.json' ? '' : dirname(path)]
      for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) {
        expect(entry?.[kind] ?? {}, `${path}: ${kind}`).toEqual(manifest(path)[kind] ?? {})
      }
    }
  })
})

/** Would a package at this path of the lock find another by its name, as Node looks for it? */
function found(path: string, name: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    if (lock[join(at, 'node_modules', name)]) return true
    if (!at.includes('node_modules/')) return Boolean(lock[join('node_modules', name)])
  }
}
