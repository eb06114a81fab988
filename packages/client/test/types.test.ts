import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { isOurNode } from './browser/browser.ts'

const path = (of: string): string => fileURLToPath(new URL(of, import.meta.url))

test.runIf(isOurNode)('what is published has types for a program that knows no DOM', () => {
  const flags = '--noEmit --strict --exactOptionalPropertyTypes --module nodenext --types node'
  const libraries = ['--target', 'es2023', '--lib', 'es2023']
  const args = [path('../../../node_modules/.bin/tsc'), ...flags.split(' '), ...libraries]
  let said = ''
  try {
    execFileSync(process.execPath, [...args, '--ignoreConfig', path('without-dom.ts')], {
      encoding: 'utf8',
    })
  } catch (error) {
    said = String((error as { stdout?: string }).stdout ?? error)
  }
  expect(said).toBe('')
})
