import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * A thread of the server.
 * @param beside the `import.meta.url` of who starts it: of source, or built, as the thread then is too
 * @param file the thread's own, beside that one, without its ending
 */
export function thread(beside: string, file: string, options: WorkerOptions): Worker {
  const isSource = beside.endsWith('.ts')
  return new Worker(new URL(`${file}${isSource ? '.ts' : '.js'}`, beside), {
    ...options,
    execArgv: isSource ? ['--conditions=@hearsay/source'] : [],
  })
}
