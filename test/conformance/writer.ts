import { writeSync } from 'node:fs'
import { openLog } from '../../apps/server/src/log/local.ts'
import { LogError } from '../../apps/server/src/log/log.ts'
import { message } from './entries.ts'

// A process that says things until it is killed: node writer.ts DIR WRITERS ROUND [COUNT]
// It prints what it knows, a line each, at the moment that it knows it:
//   open | heard ID | said WRITER N ID | failed WRITER N CODE | refused CODE | done

const [dir, writers, round, count] = process.argv.slice(2)
/** Straight to the pipe: what was written before a kill arrives. */
function tell(...words: readonly unknown[]): void {
  let rest = Buffer.from(`${words.join(' ')}\n`)
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      // The pipe is full until the reader has read.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}

try {
  const log = await openLog({ dir: dir! })
  log.follow((events) => {
    for (const { id } of events) tell('heard', id)
  })
  tell('open')
  const most = count === undefined ? Infinity : Number(count)
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; n < most; n += 1) {
      const key = `${round}-${writer}-${n}`
      // Now and then a long one: its pages spill, and are torn in the middle more often.
      const text = `${key} ${'x'.repeat(n % 7 === 0 ? 9_000 : 60)}`
      try {
        const { event } = await log.append(message(`room-${n % 3}`, text, `writer-${writer}`, key))
        tell('said', writer, n, event.id)
      } catch (error) {
        tell('failed', writer, n, error instanceof LogError ? error.code : String(error))
      }
    }
  }
  await Promise.all(Array.from({ length: Number(writers) }, (_, writer) => write(writer)))
  await log.close()
  tell('done')
} catch (error) {
  tell('refused', error instanceof LogError ? error.code : String(error))
}
