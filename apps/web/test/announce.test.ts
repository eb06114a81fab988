import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'

test('a screen reader is interrupted for two things alone: one was put out, or a message failed', () => {
  const sources = globSync(`${import.meta.dirname}/../src/**/*.tsx`)
  expect(sources.length).toBeGreaterThan(40)
  const interrupting = sources.filter((file) =>
    /role="alert"|'alert'|assertive|alertdialog/.test(readFileSync(file, 'utf8')),
  )
  expect(interrupting.map((file) => basename(file)).toSorted()).toEqual([
    'PendingRow.tsx',
    'Refused.tsx',
  ])
})
