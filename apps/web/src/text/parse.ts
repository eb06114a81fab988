/** A stretch of text within a line. */
export type Inline =
  | string
  | { readonly kind: 'strong' | 'em' | 'del'; readonly children: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'mention'; readonly text: string }
  | {
      readonly kind: 'link'
      readonly href: string
      /** Where it leads, in ASCII, if its text does not say so itself. */
      readonly host: string | null
      readonly children: readonly Inline[]
    }

/** A paragraph, or something that stands for itself. */
export type Block =
  | { readonly kind: 'paragraph'; readonly lines: readonly (readonly Inline[])[] }
  | { readonly kind: 'heading'; readonly line: readonly Inline[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | {
      readonly kind: 'list'
      /** The first number of a numbered list; null: bullets. */
      readonly start: number | null
      readonly items: readonly (readonly Inline[])[]
    }

/** Quotes within quotes, and marks within marks, up to here; what lies deeper is shown as it was typed. */
const DEPTH = 6

/**
 * A message's text as blocks: a small, safe Markdown. Nothing of it is ever HTML. Takes time in proportion to the
 * text's length, whatever is in it. `mention`: the reader's own name, to be marked after an `@`.
 */
export function parse(text: string, mention?: string): Block[] {
  return blocks(text.split('\n'), 0, mention)
}

const bullet = /^ {0,3}[-*] +(?=\S)/
const number = /^ {0,3}(\d{1,6})[.)] +(?=\S)/
const heading = /^#{1,6} +(?=\S)/
const fence = /^```/
const quote = /^> ?/

function blocks(lines: readonly string[], depth: number, mention: string | undefined): Block[] {
  const out: Block[] = []
  const whole = (line: string): Inline[] => inline(line, mention)
  let at = 0
  /** Takes the lines that go on in the same way, without what stands before each. */
  const run = (start: RegExp): string[] => {
    const from = at
    while (at < lines.length && start.test(lines[at] ?? '')) at++
    return lines.slice(from, at).map((line) => line.replace(start, ''))
  }
  while (at < lines.length) {
    const line = lines[at] ?? ''
    if (line.trim() === '') at++
    else if (fence.test(line)) {
      let stop = at + 1
      while (stop < lines.length && !fence.test(lines[stop] ?? '')) stop++
      out.push({ kind: 'code', text: lines.slice(at + 1, stop).join('\n') })
      at = stop + 1
    } else if (quote.test(line) && depth < DEPTH) {
      out.push({ kind: 'quote', blocks: blocks(run(quote), depth + 1, mention) })
    } else if (bullet.test(line)) {
      out.push({ kind: 'list', start: null, items: run(bullet).map(whole) })
    } else if (number.test(line)) {
      const start = Number(number.exec(line)?.[1])
      out.push({ kind: 'list', start, items: run(number).map(whole) })
    } else if (heading.test(line)) {
      out.push({ kind: 'heading', line: whole(line.replace(heading, '')) })
      at++
    } else {
      const from = at++
      while (at < lines.length && !starts(lines[at] ?? '', depth)) at++
      out.push({ kind: 'paragraph', lines: lines.slice(from, at).map(whole) })
    }
  }
  return out
}

function starts(line: string, depth: number): boolean {
  const isQuote = depth < DEPTH && quote.test(line)
  return (
    line.trim() === '' || isQuote || [fence, bullet, number, heading].some((it) => it.test(line))
  )
}

/** A mark that was opened and may yet be closed. */
interface Open {
  readonly mark: string
  /** Everything since the mark. */
  readonly children: Inline[]
}

const kinds = { '**': 'strong', __: 'strong', '*': 'em', _: 'em', '~~': 'del' } as const
const isSpace = (char: string | undefined): boolean => char === undefined || /\s/.test(char)
const isWord = (char: string | undefined): boolean =>
  char !== undefined && /[\p{L}\p{N}]/u.test(char)

/** What every mark, link and piece of code has one of. */
const anyMark = /[\\`*_~[\]:]/

/** One line's marks, links and code. A mark that is not closed is shown as it was typed. */
export function inline(line: string, mention?: string): Inline[] {
  if (!anyMark.test(line)) return mentions(line, mention)
  const stack: Open[] = [{ mark: '', children: [] }]
  let plain = ''
  let at = 0
  let ticks = true
  const top = (): Inline[] => (stack.at(-1) as Open).children
  const flush = (): void => {
    if (plain) top().push(...mentions(plain, mention))
    plain = ''
  }
  /** Takes marks off the stack down to this one: those above it were never closed, so they are text. */
  const close = (mark: string): Inline[] | undefined => {
    if (!stack.some((open) => open.mark === mark)) return undefined
    flush()
    for (;;) {
      const { mark: opened, children } = stack.pop() as Open
      if (opened === mark) return children
      top().push(opened, ...children)
    }
  }
  while (at < line.length) {
    const char = line[at] as string
    if (char === '\\' && /[!-/:-@[-`{-~]/.test(line[at + 1] ?? '')) {
      plain += line[at + 1]
      at += 2
    } else if (char === '`') {
      // Looked for once only where there is none: a line of open marks would be searched again from each.
      const end: number = ticks ? line.indexOf('`', at + 1) : -1
      ticks = end >= 0
      if (end > at + 1) {
        flush()
        top().push({ kind: 'code', text: line.slice(at + 1, end) })
        at = end + 1
      } else {
        const next = ticks ? end + 1 : at + 1
        plain += line.slice(at, next)
        at = next
      }
    } else if (char === '*' || char === '_' || line.startsWith('~~', at)) {
      const double = line[at + 1] === char && stack.at(-1)?.mark !== char
      const mark = double || char === '~' ? char + char : char
      const before = line[at - 1]
      const after = line[at + mark.length]
      const inWord = char === '_' && isWord(before) && isWord(after)
      const children = !isSpace(before) && !inWord ? close(mark) : undefined
      if (children?.length) top().push({ kind: kinds[mark as keyof typeof kinds], children })
      else if (children) plain += mark + mark
      else if (!isSpace(after) && !inWord && stack.length <= DEPTH) {
        flush()
        stack.push({ mark, children: [] })
      } else plain += mark
      at += mark.length
    } else if (char === '[' && stack.length <= DEPTH) {
      flush()
      stack.push({ mark: '[', children: [] })
      at++
    } else if (char === ']') {
      const target = /^\]\(([^\s()[\]<>]{1,2000})\)/.exec(line.slice(at, at + 2003))
      const url = target && safeUrl(target[1] as string)
      const children = url ? close('[') : undefined
      if (url && children?.length) {
        top().push(link(url, children.map(unlinked), target[1] as string))
        at += target[0].length
      } else {
        const inside = close('[')
        if (inside) top().push('[', ...inside)
        plain += char
        at++
      }
    } else if (
      !isWord(line[at - 1]) &&
      /^(?:https?:\/\/|mailto:)\S/i.test(line.slice(at, at + 9))
    ) {
      const typed = bare(/^[^\s<>"`\\[\]]+/.exec(line.slice(at, at + 2000))?.[0] ?? '')
      const url = safeUrl(typed)
      flush()
      top().push(url ? link(url, [typed], typed) : typed)
      at += typed.length || 1
    } else {
      plain += char
      at++
    }
  }
  return close('') as Inline[]
}

/** An address as it was typed, without what rather belongs to the sentence around it. */
function bare(typed: string): string {
  let end = typed.length
  let open = 0
  for (const char of typed) open += char === '(' ? 1 : char === ')' ? -1 : 0
  for (; end > 0; end--) {
    const last = typed[end - 1] as string
    if (last === ')' && open < 0) open++
    else if (!/[.,:;!?'*_~\]]/.test(last)) break
  }
  return typed.slice(0, end)
}

/** The address, if it is one that a click may open. */
function safeUrl(typed: string): URL | undefined {
  try {
    const url = new URL(typed)
    return ['http:', 'https:', 'mailto:'].includes(url.protocol) ? url : undefined
  } catch {
    return undefined
  }
}

function link(url: URL, children: readonly Inline[], typed: string): Inline {
  const shown = children.map(plainText).join('')
  const says = (text: string): boolean =>
    text === shown || text.replace(/^https?:\/\//, '') === shown
  // A name before the host, or letters that only look Latin, lead the eye elsewhere than the click.
  const misleads = url.username !== '' || url.hostname.includes('xn--')
  const honest = (says(typed) || says(url.href)) && !misleads
  const host = url.protocol === 'mailto:' ? url.pathname : url.host
  return { kind: 'link', href: url.href, host: honest ? null : host, children }
}

/** Links do not stand within links. */
function unlinked(node: Inline): Inline {
  if (typeof node === 'string' || !('children' in node)) return node
  if (node.kind === 'link') return plainText(node)
  return { ...node, children: node.children.map(unlinked) }
}

/** What is read of a stretch of text, without its marks. */
export function plainText(node: Inline): string {
  if (typeof node === 'string') return node
  return 'children' in node ? node.children.map(plainText).join('') : node.text
}

/** Marks the reader's own name after an `@`. */
function mentions(text: string, name: string | undefined): Inline[] {
  if (!name) return [text]
  const out: Inline[] = []
  const wanted = `@${name}`.toLowerCase()
  const low = text.toLowerCase()
  // A few letters change their length in lower case; the places would then not be those of the text.
  if (low.length !== text.length) return [text]
  let from = 0
  for (let at = low.indexOf(wanted); at >= 0; at = low.indexOf(wanted, at + 1)) {
    const end = at + wanted.length
    if (isWord(text[at - 1]) || isWord(text[end])) continue
    if (at > from) out.push(text.slice(from, at))
    out.push({ kind: 'mention', text: text.slice(at, end) })
    from = end
  }
  if (from < text.length) out.push(text.slice(from))
  return out
}

/** Whether a text names this person. */
export function mentionsName(text: string, name: string): boolean {
  return (
    name !== '' &&
    text.includes('@') &&
    mentions(text, name).some((part) => typeof part !== 'string')
  )
}
