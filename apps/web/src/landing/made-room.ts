const letters = 'abcdefghjkmnpqrstvwxyz23456789'

/** A name for a new room that nobody guesses: 12 of 30 characters hold 58 bits. */
export function madeRoom(): string {
  const groups: string[] = []
  for (let group = 0; group < 3; group++) {
    let word = ''
    while (word.length < 4) {
      const [byte = 255] = crypto.getRandomValues(new Uint8Array(1))
      // Numbers past the last whole round would make the first letters likelier.
      if (byte < 240) word += letters[byte % letters.length]
    }
    groups.push(word)
  }
  return groups.join('-')
}
