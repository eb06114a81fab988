import { expect, test } from 'vitest'
import { roomFrom } from '../src/landing/room-from.ts'
import { routeOf } from '../src/route.ts'

test.each([
  ['/', '', { page: 'landing' }],
  ['/r/lobby', '', { page: 'room', room: 'lobby', around: null }],
  ['/r/lobby/', '#m=e-12', { page: 'room', room: 'lobby', around: 'e-12' }],
  ['/r/Not%20A%20Room', '', { page: 'nowhere', path: '/r/Not%20A%20Room' }],
  ['/r/-a', '', { page: 'nowhere', path: '/r/-a' }],
])('%s%s', (pathname, hash, route) => {
  expect(routeOf({ pathname, hash })).toEqual(route)
})

test.each([
  ['lobby', 'lobby'],
  [' My Room ', 'my-room'],
  ['https://chat.example/r/lobby?x#m=1', 'lobby#m=1'],
  ['https://chat.example/r/Lobby#k=Se_cret', 'lobby#k=Se_cret'],
  ['https://chat.example/r/lobby?from=a/b', 'lobby'],
  ['chat.example/r/lobby/', 'lobby'],
  ['Größe', undefined],
  ['', undefined],
])('what is typed as "%s" opens %s', (typed, room) => {
  expect(roomFrom(typed)).toBe(room)
})
