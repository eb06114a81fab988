import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, bearer, say, type Answer } from '../../../../test/harness/ask.ts'
import { hear } from '../../../../test/harness/hear.ts'
import { folder, open } from '../../../../test/harness/server.ts'
import type { Running } from '../../src/index.ts'

let server: Running
let url: string
beforeAll(async () => {
  server = await open('--limits', 'off')
  url = server.url
})
afterAll(() => server.close())

const owner = bearer('owner')
const mallory = bearer('mallory')

const post = (path: string, headers: object, body: object): Promise<Answer> =>
  ask(url, path, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
const make = async (): Promise<string> => {
  const made = await post('/rooms', owner, {})
  expect(made.status).toBe(201)
  return String(made.json()['room'])
}
interface From {
  readonly person: string
  readonly name: string
  readonly lookalike?: true
}
const as = async (room: string, headers: object, name: string): Promise<From> => {
  const said = await post(`/r/${room}`, headers, { text: `I am ${name}`, name })
  expect(said.status).toBe(201)
  return said.json()['from'] as From
}

describe('Homoglyph, zero-width, RTL', () => {
  it.each([
    ['Cyrillic', 'Оlivia'],
    ['case and spaces', 'O L I V I A'],
    ['l for i', 'Ollvla'],
    ['full width', 'Ｏｌｉｖｉａ'],
    ['the same', 'Olivia'],
  ])("a name that looks like the owner's (%s) carries a warning", async (_, name) => {
    const room = await make()
    expect(await as(room, owner, 'Olivia')).not.toHaveProperty('lookalike')
    expect(await as(room, mallory, name)).toMatchObject({ lookalike: true })
    expect(await as(room, mallory, 'Mallory')).not.toHaveProperty('lookalike')
    expect(await as(room, owner, 'Olivia')).not.toHaveProperty('lookalike')
  })

  it("a moderator's name is his, and the owner's even a moderator can't have", async () => {
    const room = await make()
    const made = await post(`/r/${room}/links`, owner, { role: 'moderate' })
    const { secret } = made.json() as { secret: string }
    const bob = bearer('bob')
    await post(`/r/${room}/join`, bob, { secret })
    await as(room, owner, 'Olivia')
    expect(await as(room, bob, 'Bob')).not.toHaveProperty('lookalike')
    expect(await as(room, mallory, 'B0b')).toMatchObject({ lookalike: true })
    expect(await as(room, bob, 'Olivia')).toMatchObject({ lookalike: true })
    // Bob goes by another name now: his old one is free.
    expect(await as(room, mallory, 'Bob')).not.toHaveProperty('lookalike')
  })

  it('of two who are here, the name is his who came with it first, also among those who are here', async () => {
    const first = await hear(url, '/r/twins?name=Anna', bearer('anna'))
    await first.first('hello')
    const second = await hear(url, '/r/twins?name=%D0%90nna', mallory)
    await second.first('hello')
    const { people } = (await ask(url, '/r/twins/people')).json() as unknown as { people: From[] }
    expect(people.map(({ name, lookalike }) => [name, lookalike])).toEqual([
      ['Anna', undefined],
      ['Аnna', true],
    ])
    expect(await as('twins', bearer('anna'), 'Anna')).not.toHaveProperty('lookalike')
    expect(await as('twins', mallory, 'Аnna')).toMatchObject({ lookalike: true })
    expect(await as('twins', {}, 'Anna')).toMatchObject({ lookalike: true })
    // Who takes another name has no claim to his old one.
    expect(await as('twins', bearer('anna'), 'Berta')).not.toHaveProperty('lookalike')
    expect(await as('twins', mallory, 'Аnna')).not.toHaveProperty('lookalike')
    first.leave()
    second.leave()
  })

  it('a replay, the history and a restart show the same bytes, and know the owner again', async () => {
    const home = folder()
    const before = await open('--data', home.path)
    url = before.url
    const room = await make()
    await as(room, owner, 'Olivia')
    await as(room, mallory, 'Оlivia')
    const live = await ask(url, `/r/${room}/messages`)
    await before.close()
    const after = await open('--data', home.path)
    url = after.url
    expect((await ask(url, `/r/${room}/messages`)).text).toBe(live.text)
    const stream = await hear(url, `/r/${room}?last=2`)
    await stream.texts(2)
    const { messages } = live.json() as { messages: unknown[] }
    expect(stream.told()).toEqual(messages)
    expect(messages[1]).toMatchObject({ from: { lookalike: true } })
    stream.leave()
    expect(await as(room, bearer('mallet'), '0livia')).toMatchObject({ lookalike: true })
    const text = await ask(url, `/r/${room}?follow=0`)
    expect(text.text).toMatch(/Оlivia \[\w{6}\] \(looks like another name\): I am/)
    const transcript = await ask(url, `/r/${room}/transcript?format=md`)
    expect(transcript.text).toContain('looks like another name')
    await after.close()
    url = server.url
    home.remove()
  })

  it('is no warning where nobody else has the name', async () => {
    expect((await say(url, 'alone', 'hi', mallory)).json()['from']).not.toHaveProperty('lookalike')
  })
})
