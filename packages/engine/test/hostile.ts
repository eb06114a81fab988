/** What the format's own marks are made of, and what other formats take for a line's end. */
const alphabet = [
  '\r',
  '\n',
  '\r\n',
  '\0',
  '\u2028',
  '\u2029',
  '\u0085',
  '\uFEFF',
  ':',
  ' ',
  'data',
  'id',
]

/** Every string of three of these, and of fewer. */
const triples = [
  ...new Set(
    ['', ...alphabet].flatMap((a) =>
      ['', ...alphabet].flatMap((b) => ['', ...alphabet].map((c) => a + b + c)),
    ),
  ),
]

export const hostile: {
  readonly alphabet: readonly string[]
  readonly triples: readonly string[]
} = {
  alphabet,
  triples,
}
