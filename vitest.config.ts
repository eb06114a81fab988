import { defineConfig } from 'vitest/config'

const conditions = ['@hearsay/source', 'node', 'module', 'import', 'default']
const project = (name: string, root: string): object => ({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['@hearsay/source'] } },
  test: { name, root, include: ['test/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 60_000 },
})

export default defineConfig({
  test: {
    projects: [
      project('protocol', 'packages/protocol'),
      project('engine', 'packages/engine'),
      project('client', 'packages/client'),
      project('server', 'apps/server'),
      project('web', 'apps/web'),
      project('examples', 'examples'),
      project('bench', 'bench'),
      { ...project('whole', '.'), test: { name: 'whole', include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 120_000 } },
    ],
  },
})
