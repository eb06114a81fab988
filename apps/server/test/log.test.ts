import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { conformance } from '../../../test/conformance/log.ts'
import { openLog } from '../src/log/local.ts'

conformance('file', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'hearsay-log-'))
  return {
    open: () => openLog({ dir }),
    lasting: true,
    remove: () => rm(dir, { recursive: true }),
  }
})

conformance('memory', async () => ({
  open: () => openLog({ dir: null }),
  lasting: false,
  remove: async () => {},
}))
