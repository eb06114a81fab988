import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  inline,
  mentionsName,
  parse,
  plainText,
  type Block,
  type Inline,
} from '../src/text/parse.ts'

type Link = Extract<Inline, { kind: 'link' }>

/** Every stretch of text in a message, links and all. */
function* all(nodes: readonly Inline[]): Iterable<Inline> {
  for (const node of nodes) {
    yield node
    if (typeof node !== 'string' && 'children' in node) yield* all(node.children)
  }
}

function linesOf(block: Block): readonly (readonly Inline[])[] {
  switch (block.kind) {
    case 'paragraph':
      return block.lines
    case 'heading':
      return [block.line]
    case 'list':
      return block.items
    case 'quote':
      return block.blocks.flatMap(linesOf)
    case 'code':
      return [[block.text]]
  }
}

const nodesOf = (text: string): Inline[] =>
  parse(text)
    .flatMap(linesOf)
    .flatMap((line) => [...all(line)])
const linksOf = (text: string): Link[] =>
  nodesOf(text).filter((node): node is Link => typeof node !== 'string' && node.kind === 'link')

/** Text made of the very pieces that mean something here. */
const marked = fc
  .array(
    fc.constantFrom(
      ...[
        '*',
        '**',
        '_',
        '__',
        '~~',
        '`',
        '```',
        '[',
        ']',
        '(',
        ')',
        '](',
        '\\',
        '> ',
        '- ',
        '1. ',
      ],
      ...['# ', '\n', ' ', 'a', 'word', 'https://a.example/b', 'http://', 'javascript:alert(1)'],
      ...['data:text/html,<script>', 'mailto:a@b.example', '<b>', '@Ada', '\u202e', '😀', '\ud800'],
    ),
    { maxLength: 60 },
  )
  .map((pieces) => pieces.join(''))

describe('marks', () => {
  test.each<[string, Inline[]]>([
    ['a **b** c', ['a ', { kind: 'strong', children: ['b'] }, ' c']],
    ['*a* _b_', [{ kind: 'em', children: ['a'] }, ' ', { kind: 'em', children: ['b'] }]],
    ['~~a~~', [{ kind: 'del', children: ['a'] }]],
    ['***a***', [{ kind: 'strong', children: [{ kind: 'em', children: ['a'] }] }]],
    ['**a *b* c**', [{ kind: 'strong', children: ['a ', { kind: 'em', children: ['b'] }, ' c'] }]],
    ['`a *b*`', [{ kind: 'code', text: 'a *b*' }]],
    ['` and *a*', ['` and ', { kind: 'em', children: ['a'] }]],
    ['snake_case_name', ['snake_case_name']],
    ['2 * 3 * 4', ['2 * 3 * 4']],
    ['\\*a\\*', ['*a*']],
    ['**a', ['**', 'a']],
  ])('%s', (text, nodes) => {
    expect(inline(text)).toEqual(nodes)
  })

  test('no text is lost and none is made: what is read is what was typed, less its marks', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b ', '*', '_', '[', ']', '~~', '`')), (pieces) => {
        const text = pieces.join('')
        const letters = (it: string): string => it.replace(/[^ab]/g, '')
        expect(letters(inline(text).map(plainText).join(''))).toBe(letters(text))
      }),
    )
  })

  test('ten thousand open marks of each kind come back as text', () => {
    for (const mark of ['*', '**', '_', '[', '`', '~~', '](', '> ', '- ', '[a](', 'http://(']) {
      const text = mark.repeat(10_000)
      expect(parse(text).length).toBeGreaterThan(0)
      expect(parse(`${mark}\n`.repeat(10_000)).length).toBeGreaterThan(0)
    }
  })
})

describe('blocks', () => {
  test('are paragraphs, headings, code, quotes and lists', () => {
    const text =
      '# Title\none\ntwo\n\n> said\n> **more**\n\n- a\n- b\n\n3. c\n\n```js\nx = 1\n\n*y*\n```\nend'
    expect(parse(text)).toEqual([
      { kind: 'heading', line: ['Title'] },
      { kind: 'paragraph', lines: [['one'], ['two']] },
      {
        kind: 'quote',
        blocks: [
          { kind: 'paragraph', lines: [['said'], [{ kind: 'strong', children: ['more'] }]] },
        ],
      },
      { kind: 'list', start: null, items: [['a'], ['b']] },
      { kind: 'list', start: 3, items: [['c']] },
      { kind: 'code', text: 'x = 1\n\n*y*' },
      { kind: 'paragraph', lines: [['end']] },
    ])
  })

  test('a fence that is not closed reaches to the end', () => {
    expect(parse('```\na\n**b**')).toEqual([{ kind: 'code', text: 'a\n**b**' }])
  })
})

describe('links', () => {
  test.each<[string, string, string | null]>([
    ['https://example.org/a?b=c#d', 'https://example.org/a?b=c#d', null],
    ['(see https://example.org/a).', 'https://example.org/a', null],
    ['https://en.wiki.example/a_(b)', 'https://en.wiki.example/a_(b)', null],
    ['[text](https://example.org/a)', 'https://example.org/a', 'example.org'],
    ['[https://bank.example](https://evil.example/)', 'https://evil.example/', 'evil.example'],
    ['https://bank.example@evil.example/', 'https://bank.example@evil.example/', 'evil.example'],
    ['https://аррӏе.example/', 'https://xn--80ak6aa92e.example/', 'xn--80ak6aa92e.example'],
    ['[write](mailto:a@b.example)', 'mailto:a@b.example', 'a@b.example'],
  ])('%s leads to %s', (text, href, host) => {
    expect(linksOf(text).map((link) => [link.href, link.host])).toEqual([[href, host]])
  })

  test.each([
    '[a](javascript:alert(1))',
    '[a](JaVaScRiPt:alert)',
    '[a](data:text/html,x)',
    '[a](vbscript:x)',
    '[a](//evil.example)',
    '[a](/path)',
    '[a](blob:null/b)',
    'file:///etc/passwd',
  ])('%s is no link', (text) => {
    expect(linksOf(text)).toEqual([])
  })

  test('whatever is typed, a link leads by http, https or mailto, and does not stand in a link', () => {
    fc.assert(
      fc.property(fc.oneof(marked, fc.string({ unit: 'binary' })), (text) => {
        for (const link of linksOf(text)) {
          expect(['http:', 'https:', 'mailto:']).toContain(new URL(link.href).protocol)
          const inner = [...all(link.children)]
          expect(inner.some((node) => typeof node !== 'string' && node.kind === 'link')).toBe(false)
        }
      }),
      { numRuns: 1000 },
    )
  })
})

test('a person is mentioned by their whole name after an @, in any case', () => {
  expect(mentionsName('hello @Quiet Otter!', 'quiet otter')).toBe(true)
  expect(mentionsName('hello @quiet otters', 'quiet otter')).toBe(false)
  expect(mentionsName('a@quiet otter', 'quiet otter')).toBe(false)
  expect(mentionsName('quiet otter', 'quiet otter')).toBe(false)
  expect(mentionsName('@', '')).toBe(false)
})
