import { expect, it } from 'vitest'
import { Streams } from '../src/streams.ts'

it('a network, and a room, has a place for so many streams, and one again when one has ended', () => {
  const streams = new Streams(2, 3)
  const first = streams.open('net', ['a'])
  streams.open('net', ['b'])
  expect(streams.full('net', ['c'])).toBe('too-many-streams')
  expect(streams.full('other', ['a'])).toBeUndefined()
  first()
  expect(streams.full('net', ['c'])).toBeUndefined()

  const ends = ['n1', 'n2', 'n3'].map((network) => streams.open(network, ['crowded', 'a']))
  expect(streams.full('n4', ['crowded'])).toBe('room-full')
  expect(streams.full('n4', ['b', 'crowded'])).toBe('room-full')
  expect(streams.full('n4', ['b'])).toBeUndefined()
  ends[0]!()
  expect(streams.full('n4', ['crowded'])).toBeUndefined()
})
