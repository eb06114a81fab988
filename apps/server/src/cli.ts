import { readFileSync } from 'node:fs'
import { ConfigError, readConfig, usage } from './config.ts'
import { LogError } from './log/log.ts'
import { reportFault } from './problem.ts'
import { serve, type Running } from './serve.ts'

/**
 * The command `hearsay`. Ends with exit code 1 and one line on stderr where it can't start; runs until SIGTERM or SIGINT
 * otherwise.
 *
 * @param argv what follows the command's name
 */
export async function main(argv: readonly string[]): Promise<void> {
  const [command, ...rest] = argv
  // Whoever reads what it writes may go away, as a pager or a log's collector does. The rooms do not end with him.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  if (command === '--version') {
    console.log(version())
    return
  }
  if (
    command === undefined ||
    command === '--help' ||
    command === 'help' ||
    rest.includes('--help')
  ) {
    console.log(usage())
    return
  }
  if (command !== 'serve') {
    fail(`There is no command "${command}". See hearsay --help.`)
    return
  }
  try {
    const config = readConfig(rest)
    const running = await serve(config)
    untilTold(running)
    console.log(`Hearsay listens at ${config.publicUrl?.origin ?? running.url}`)
    console.log(
      config.data === null
        ? 'Nothing is kept: all is gone when it ends.'
        : `Everything is kept in ${config.data}`,
    )
    if (!config.limits) console.log('Limits are off: do not let strangers in.')
  } catch (error) {
    if (error instanceof ConfigError || error instanceof LogError) fail(error.message)
    else throw error
  }
}

function fail(sentence: string): void {
  console.error(`hearsay: ${sentence}`)
  process.exitCode = 1
}

/**
 * Signals that come within this many milliseconds are one wish: npm passes on to us what a terminal, or a supervisor, has
 * sent to the whole process group already.
 */
const ONE_WISH = 1000

function untilTold(running: Running): void {
  let told: number | undefined
  const end = (): void => {
    if (told !== undefined) {
      // Whoever asks again does not want to wait for the streams to end.
      if (performance.now() - told > ONE_WISH) process.exit(130)
      return
    }
    told = performance.now()
    running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        reportFault(error)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

function version(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return (JSON.parse(file) as { version: string }).version
}

// Run as a file (from sources, with no build): `node src/cli.ts serve`.
if (import.meta.main) await main(process.argv.slice(2))
