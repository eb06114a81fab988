/** What every server here broadcasts for a text that was posted: the fields and the size of one of Hearsay's messages. */
export interface Message {
  readonly id: string
  readonly prev: string | null
  readonly room: string
  readonly at: string
  readonly from: {
    readonly person: string
    readonly name: string
    readonly mark: string
    readonly role: string
  }
  readonly text: string
}

const from = {
  person: '7q3m0ektx2v9hd4w8rbn5yg1cs',
  name: 'quiet otter',
  mark: '7q3m0e',
  role: 'speak',
}

/** Numbers messages as a log would. */
export class Minutes {
  #seq = 0
  #prev: string | null = null

  message(text: string, room = 'bench'): Message {
    const id = `k3f9a2-${++this.#seq}`
    const message = { id, prev: this.#prev, room, at: new Date().toISOString(), from, text }
    this.#prev = id
    return message
  }
}
