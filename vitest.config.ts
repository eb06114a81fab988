import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

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
    // How long something may take says nothing on a machine that does other things too.
    expect: { poll: { timeout: testTimeout / 3 } },
    ...more,
  },
})

/** What takes longest begins first, so that no worker is left with it at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ project }: TestSpecification): boolean => project.name === 'whole'
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    maxWorkers: availableParallelism(),
    sequence: { sequencer: LongestFirst },
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
