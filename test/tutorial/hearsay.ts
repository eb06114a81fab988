/** The real server in a process of its own, to be killed and started again on one folder and one port. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, join } from 'node:path'

const root = join(import.meta.dirname, '../..')

export interface Hearsay {
  readonly port: number
  readonly url: string
  /** All that it wrote until now, on stdout and stderr. */
  output(): string
  /** Resolves when the process is gone. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

/** @param port 0: any that is free */
export async function startHearsay(data: string, port = 0): Promise<Hearsay> {
  const args = ['--conditions=@hearsay/source', 'apps/server/src/cli.ts', 'serve']
  const child = spawn('node', [...args, '--port', String(port), '--data', data], {
    cwd: root,
    // As npm does: the repository's own Node comes before the machine's.
    env: {
      ...process.env,
      PATH: join(root, 'node_modules/.bin') + delimiter + process.env['PATH'],
    },
  })
  let output = ''
  const listening = await new Promise<number>((resolve, reject) => {
    const onText = (text: Buffer): void => {
      output += text.toString()
      const told = /http:\/\/localhost:(\d+)/.exec(output)
      if (told) resolve(Number(told[1]))
    }
    child.stdout.on('data', onText)
    child.stderr.on('data', onText)
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)))
  })
  return {
    port: listening,
    url: `http://localhost:${listening}`,
    output: () => output,
    stop: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill(signal)
      await gone
    },
  }
}
