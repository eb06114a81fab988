/**
 * Resolves when `isTrue` is: looked at after every turn of the event loop, so nothing is waited for by the clock.
 * A test that waits in vain ends by its own time limit, and says for what.
 */
export async function until(what: string, isTrue: () => boolean): Promise<void> {
  const given = Date.now() + 20_000
  while (!isTrue()) {
    if (Date.now() > given) throw new Error(`waited in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
