// Not a peer: the cheapest server that Node can be, to learn how much the load generator can read. Every POST is
// answered, and its text goes out as one pre-framed chunk, `copies` times in one write, with no HTTP library for it.
import { createServer, type Socket } from 'node:net'
import { Minutes } from './message.ts'

const minutes = new Minutes()
const listeners = new Set<Socket>()

createServer((socket) => {
  let text = ''
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  socket.on('close', () => listeners.delete(socket))
  socket.on('data', (data) => {
    text += data.toString('latin1')
    const end = text.indexOf('\r\n\r\n')
    if (end < 0) return
    if (text.startsWith('GET')) {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n')
      listeners.add(socket)
      text = ''
      return
    }
    const size = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
    if (text.length < end + 4 + size) return
    const frames = text
      .slice(end + 4, end + 4 + size)
      .split('|')
      .map((each) => `data: ${JSON.stringify(minutes.message(each))}\n\n`)
    text = ''
    const bytes = Buffer.from(frames.join(''))
    for (const listener of listeners) listener.write(bytes)
    socket.write('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n')
  })
}).listen(Number(process.env['PORT']), '127.0.0.1')
