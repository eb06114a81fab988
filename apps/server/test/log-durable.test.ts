import { durability } from '../../../test/conformance/durable.ts'
import { openLog } from '../src/log/local.ts'

durability('file', (dir) => openLog({ dir }))
