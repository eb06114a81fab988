// A process of its own that asks a server for /healthz every 10 ms, whether or not the last answer has come, and tells
// how late the answers were: the longest time the server was deaf. The load generator can't, being busy itself.
import { pace } from './pace.ts'
import { Poster } from './poster.ts'

const [port = '0'] = process.argv.slice(2)
const poster = new Poster(Number(port), 1)
const asks = new AbortController()

process.on('message', () => asks.abort())
poster.post({ method: 'GET', path: '/healthz' }, performance.now(), () => {
  poster.latency.clear()
  process.send?.('ready')
})

while (!asks.signal.aborted) {
  await pace(100, 1, (due) => poster.post({ method: 'GET', path: '/healthz' }, due))
}
await poster.settled()
process.send?.({ p99: poster.latency.at(0.99), worst: poster.latency.max, failed: poster.failed })
process.disconnect()
poster.close()
