import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { Hub, type Topic } from '../src/index.ts'
import { hear as hearOnFetch } from '../src/fetch.ts'
import { hear } from '../src/node.ts'

interface Prices {
  price: { symbol: string; price: number }
  halt: string
}

// The compiler is the test: `tsc -p tsconfig.tests.json` fails where one of these lines is not as it says.
describe('a typed topic', () => {
  it('takes its own events and no others', () => {
    const topic = new Hub().topic<Prices>('ACME')
    expect(topic.publish('price', { symbol: 'ACME', price: 1 })).toMatch(/-1$/)
    expect(topic.publish('halt', 'news')).toMatch(/-2$/)
    // @ts-expect-error no such event
    topic.publish('prize', { symbol: 'ACME', price: 1 })
    // @ts-expect-error not the data of this event
    topic.publish('price', 'ACME')
    // @ts-expect-error a price is missing
    topic.signal('price', { symbol: 'ACME' })
  })

  it('is heard like any other, alone and among others', () => {
    const hub = new Hub()
    const typed = hub.topic<Prices>('ACME')
    const inline = hub.topic<{ price: { is: number } }>('b')
    const open: Topic = hub.topic('c')
    const all = (req: IncomingMessage, res: ServerResponse): void => {
      hear(typed, req, res)
      hear([typed, inline, open], req, res)
      hear([hub.topic<Prices>('x')], req, res)
    }
    expect(all).toBeTypeOf('function')
    expect(hearOnFetch([typed, inline, open], new Request('http://x/')).status).toBe(200)
    expect(open.publish('anything', { at: 1 })).toMatch(/-1$/)
    // @ts-expect-error a topic is wanted
    expect(() => hear('ACME', {} as IncomingMessage, {} as ServerResponse)).toThrow(TypeError)
  })
})
