import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseSync } from 'vite'

export const root: string = resolve(import.meta.dirname, '..')

/** Any node of a syntax tree: what it is, and its parts. */
export interface SyntaxNode {
  readonly type: string
  readonly [part: string]: unknown
}

/** The paths, from the root, of all files that match; in the order of the alphabet. */
export function files(...patterns: string[]): string[] {
  const exclude = (name: string): boolean => name === 'node_modules' || name === 'dist'
  return globSync(patterns, { cwd: root, exclude }).toSorted()
}

export function text(path: string): string {
  return readFileSync(resolve(root, path), 'utf8')
}

/** Calls `visit` for each node of the file's syntax tree, parents first. */
export function walk(path: string, source: string, visit: (node: SyntaxNode) => void): void {
  const { program, errors } = parseSync(path, source)
  if (errors[0]) throw new SyntaxError(`${path}: ${errors[0].message}`)
  const enter = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(enter)
    if (value === null || typeof value !== 'object') return
    if ('type' in value && typeof value.type === 'string') visit(value as SyntaxNode)
    Object.values(value).forEach(enter)
  }
  enter(program)
}

const importing = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
])

/** What a file imports, as it is written: for its values or its types, at its start or later. */
export function imports(path: string, source: string): string[] {
  const found: string[] = []
  walk(path, source, (node) => {
    const from = importing.has(node.type) ? (node['source'] as SyntaxNode | null) : null
    if (from) found.push(String(from['value']))
  })
  return found
}
