import { expect, test } from 'vitest'
import { sharedIn } from '../src/shared.ts'

const address = 'https://bread.example/folding?n=4'

test.each([
  ['nothing', {}, null],
  ['only spaces', { text: '  ' }, null],
  ['a text', { text: 'Hello & welcome' }, 'Hello & welcome'],
  ['title and address', { title: 'Folding', url: address }, `Folding\n${address}`],
  ['an address that the text has too', { text: `See ${address}`, url: address }, `See ${address}`],
  ['the same twice', { title: 'Folding', text: 'Folding' }, 'Folding'],
])('another app shares %s', (_, query, text) => {
  expect(sharedIn(`?${new URLSearchParams(query as Record<string, string>)}`)).toBe(text)
})
