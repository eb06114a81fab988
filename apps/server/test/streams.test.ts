import { expect, it } from 'vitest'
import { Streams } from '../src/streams.ts'

it('a network, and a room, has a place for so many streams, and one again when one has ended', () => {
  const streams = new Streams(2, 3)
  const first = streams.open('net', ['a'])
  streams.open('net', ['b'])
  expect(streams.isFull('net', ['c'])).toBe(true)
  expect(streams.isFull('other', ['a'])).toBe(false)
  first()
  expect(streams.isFull('net', ['c'])).toBe(false)

  const ends = ['n1', 'n2', 'n3'].map((network) => streams.open(network, ['crowded', 'a']))
  expect(streams.isFull('n4', ['crowded'])).toBe(true)
  expect(streams.isFull('n4', ['b', 'crowded'])).toBe(true)
  expect(streams.isFull('n4', ['b'])).toBe(false)
  ends[0]!()
  expect(streams.isFull('n4', ['crowded'])).toBe(false)
})
