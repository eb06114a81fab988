import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

const conditions = ['@hearsay/source', 'node', 'module', 'import', 'default']
const project = (name: string, root: string, testTimeout = 30_000, more = {}): object => ({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@hearsay/source'] } },
  test: {
    name,
    root,
    include: ['test/**/*.test.ts'],
    testTimeout,
    hookTimeout: 2 * testTimeout,
    ...more,
  },
})

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      project('protocol', 'packages/protocol'),
      project('engine', 'packages/engine'),
      project('client', 'packages/client'),
      project('server', 'apps/server', 30_000, {
        setupFiles: [join(import.meta.dirname, 'apps/server/test/every-answer.ts')],
      }),
      project('web', 'apps/web'),
      project('examples', 'examples'),
      project('bench', 'bench'),
      project('whole', '.', 60_000),
    ],
  },
})
