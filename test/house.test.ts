import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { files, imports, root, text, walk, type SyntaxNode } from './sources.ts'

/** Who may import which package of ours, and whether the platform. The arrows of ARCHITECTURE.md. */
const arrows: Readonly<
  Record<string, { ours: readonly string[]; node: (file: string) => boolean }>
> = {
  'packages/protocol': { ours: [], node: () => false },
  'packages/engine': { ours: [], node: (file) => /^packages\/engine\/src\/node[^/]*$/.test(file) },
  'packages/client': { ours: ['@hearsay/protocol'], node: () => false },
  'apps/server': { ours: ['@hearsay/engine', '@hearsay/protocol'], node: () => true },
  'apps/web': { ours: ['@hearsay/client', '@hearsay/protocol'], node: () => false },
}

const ours = files(...Object.keys(arrows).map((folder) => `${folder}/src/**/*.{ts,tsx}`))

/** What is wrong with an import of this file, or null. */
function fault(file: string, from: string): string | null {
  const home = file.split('/').slice(0, 2).join('/')
  const allowed = arrows[home]
  if (!allowed) return 'a folder without arrows'
  if (from.startsWith('.')) {
    // What follows the `?` tells the bundler how to take the file.
    const target = resolve(root, dirname(file), from.replace(/\?[a-z]+$/, ''))
    if (!existsSync(target)) return 'no such file'
    const inside =
      target.startsWith(join(root, home, 'src/')) || target === join(root, home, 'package.json')
    return inside ? null : `leaves ${home}/src`
  }
  if (from.startsWith('node:')) return allowed.node(file) ? null : 'touches the platform'
  const name = from.split('/', from.startsWith('@') ? 2 : 1).join('/')
  if (name === 'hearsay' || name.startsWith('@hearsay/')) {
    return allowed.ours.includes(name) ? null : 'against the arrows'
  }
  const { dependencies = {} } = JSON.parse(text(`${home}/package.json`)) as {
    dependencies?: Record<string, string>
  }
  return name in dependencies ? null : 'not among the dependencies of its package'
}

const words = (identifier: string): string[] =>
  identifier.split(/[^a-zA-Z]+|(?<=[a-z])(?=[A-Z])/).map((word) => word.toLowerCase())

/** The names that a file gives to things of its own: variables, parameters, functions, classes, types and their members. */
function named(path: string, source: string): string[] {
  const found: string[] = []
  const give = (node: unknown): void => {
    const { type, name } = (node ?? {}) as { type?: string; name?: string }
    if ((type === 'Identifier' || type === 'PrivateIdentifier') && name) found.push(name)
  }
  const declares =
    /^(VariableDeclarator|FunctionDeclaration|Class\w+|TS\w+Declaration|TSTypeParameter)$/
  const members =
    /^(PropertyDefinition|MethodDefinition|AccessorProperty|TSPropertySignature|TSMethodSignature)$/
  walk(path, source, (node) => {
    if (declares.test(node.type)) give(node['id'] ?? node['name'])
    if (members.test(node.type)) give(node['key'])
    if (Array.isArray(node['params'])) node['params'].forEach(give)
  })
  return found
}

function classes(path: string, source: string): string[] {
  const found: string[] = []
  walk(path, source, (node) => {
    const id = node.type.startsWith('Class') ? (node['id'] as SyntaxNode | null) : null
    if (id) found.push(String(id['name']))
  })
  return found
}

function readsEnvironment(path: string, source: string): boolean {
  let found = imports(path, source).some((from) => from === 'process' || from === 'node:process')
  walk(path, source, (node) => {
    const { object, property } = node as { object?: SyntaxNode; property?: SyntaxNode }
    if (node.type !== 'MemberExpression') return
    found ||=
      object?.['name'] === 'process' && (property?.['name'] ?? property?.['value']) === 'env'
  })
  return found
}

describe('the arrows between packages', () => {
  it.each(Object.keys(arrows))('%s imports what it may, and nothing else', (folder) => {
    const sources = ours.filter((file) => file.startsWith(`${folder}/`))
    expect(sources).not.toEqual([])
    const wrong = sources.flatMap((file) =>
      imports(file, text(file)).flatMap((from) => {
        const why = fault(file, from)
        return why ? [`${file}: ${from} (${why})`] : []
      }),
    )
    expect(wrong).toEqual([])
  })

  it.each([
    ['packages/protocol/src/index.ts', "import '@hearsay/engine'", 'against the arrows'],
    [
      'packages/engine/src/topic.ts',
      "import type { Said } from '@hearsay/protocol'",
      'against the arrows',
    ],
    [
      'packages/engine/src/topic.ts',
      "type Server = import('node:http').Server",
      'touches the platform',
    ],
    ['packages/engine/src/node.ts', "import { parse } from 'eventsource-parser'", 'not among'],
    [
      'packages/client/src/index.ts',
      "export { Hub } from '@hearsay/engine/fetch'",
      'against the arrows',
    ],
    ['packages/client/src/index.ts', "export * from '../../engine/src/hub.ts'", 'leaves'],
    ['packages/client/src/index.ts', "await import('node:net')", 'touches the platform'],
    ['apps/server/src/cli.ts', "import { connect } from '@hearsay/client'", 'against the arrows'],
    ['apps/web/src/sw.ts', "import { main } from 'hearsay'", 'against the arrows'],
    ['apps/web/src/sw.ts', "import './no-such-file.ts'", 'no such file'],
  ])('are seen to be broken: %s with %s', (file, source, why) => {
    expect(imports(file, source).map((from) => fault(file, from))).toEqual([
      expect.stringContaining(why),
    ])
  })
})

describe('the words of the house', () => {
  it('are not those of the chat in the engine', () => {
    const chat = new Set([
      'room',
      'rooms',
      'message',
      'messages',
      'name',
      'names',
      'person',
      'chat',
    ])
    const engine = ours.filter((file) => file.startsWith('packages/engine/'))
    const said = engine.flatMap((file) =>
      named(file, text(file))
        .filter((name) => words(name).some((word) => chat.has(word)))
        .map((name) => `${file}: ${name}`),
    )
    expect(said).toEqual([])
    const sample = 'class A { #roomName = 1; join(message: string) {} }'
    expect(named('sample.ts', sample)).toEqual(['A', 'roomName', 'join', 'message'])
  })

  it('are of what a class is, not of what any class does', () => {
    const all = [...ours, ...files('{examples,bench,test}/**/*.ts', 'scripts/*.mjs')]
    const vague = all.flatMap((file) =>
      classes(file, text(file)).filter((name) => /Manager|Service|Handler|Helper|Util/.test(name)),
    )
    expect(vague).toEqual([])
    expect(classes('sample.ts', 'export class RoomManager {}')).toEqual(['RoomManager'])
  })

  it('are of what a file holds, not of an attic', () => {
    const all = files('{packages,apps,examples,bench,test,scripts}/**/*.{ts,tsx,mjs,css}')
    const attic =
      /(^|[/-])(utils?|helpers?|managers?|services?|handlers?|misc|common|types)(\/|\.\w+$)/
    expect(all.length).toBeGreaterThan(ours.length)
    expect(all.filter((file) => attic.test(file))).toEqual([])
  })
})

describe('the environment', () => {
  it('is read in one place', () => {
    const readers = ours.filter((file) => readsEnvironment(file, text(file)))
    expect(readers).toEqual(['apps/server/src/config.ts'])
    expect(readsEnvironment('sample.ts', "process['env'].HOME")).toBe(true)
  })
})
