import { cp, mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, expect, test } from 'vitest'
import {
  edit,
  hide,
  hold,
  hour,
  message,
  noon,
  react,
  remove,
  settle,
  trim,
} from '../../../test/conformance/entries.ts'
import { idOf } from '../src/log/epochs.ts'
import { openLog } from '../src/log/local.ts'
import type { Log } from '../src/log/log.ts'
import { Shreds } from '../src/log/shreds.ts'

let log: Log
const dirs: string[] = []
const folder = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'hearsay-erase-'))
  dirs.push(dir)
  return dir
}
afterEach(async () => {
  await log.close()
  await Promise.all(dirs.splice(0).map((dir) => rm(dir, { recursive: true })))
})

/** All bytes under a folder. */
async function bytesOf(dir: string): Promise<Buffer> {
  const files = await readdir(dir)
  return Buffer.concat(await Promise.all(files.map((file) => readFile(join(dir, file)))))
}

async function copyOf(dir: string): Promise<DatabaseSync> {
  const copy = join(await folder(), 'copy')
  await cp(dir, copy, { recursive: true })
  return new DatabaseSync(join(copy, 'hearsay.db'))
}

/** What lies in the drawers of hidden messages, as a thief reads it. */
function drawersOf(db: DatabaseSync): string[] {
  const shreds = new Shreds(db)
  const rows = db.prepare('SELECT seq, body FROM hidden').all()
  const all = rows.map((row) =>
    shreds.unmask(row['seq'] as number, row['body'] as Uint8Array, 'hidden'),
  )
  db.close()
  return all
}

/** What a thief of the whole folder can read now: for each seq its key, and the text that it opens. */
async function stolen(dir: string): Promise<Map<number, { key: Buffer; text: string }>> {
  const db = await copyOf(dir)
  const shreds = new Shreds(db)
  const found = new Map<number, { key: Buffer; text: string }>()
  for (const row of db.prepare('SELECT seq, body FROM entries WHERE body IS NOT NULL').all()) {
    const seq = row['seq'] as number
    const text = shreds.unmask(seq, row['body'] as Uint8Array)
    found.set(seq, { key: Buffer.from(shreds.keyOf(seq)), text })
  }
  db.close()
  return found
}

const secret = (n: number): string => `secret-${n}-`.padEnd(20 + ((n * 7919) % 900), 'x')

test('of what was deleted neither the text nor its key is on the disk when the append resolves', async () => {
  const dir = await folder()
  log = await openLog({ dir })
  const ids: string[] = []
  const said = Array.from({ length: 900 }, async (_, n) => {
    const { event } = await log.append(message(`room-${n % 5}`, secret(n)))
    ids[n] = event.id
  })
  await Promise.all(said)
  // Rows that grow and rows that go make SQLite move their neighbours, and leave copies of them.
  await Promise.all(
    ids
      .filter((_, n) => n % 3 === 0)
      .map((id, n) =>
        log.append(edit(`room-${(n * 3) % 5}`, id, `secret-edit-${n}-`.padEnd(1_000, 'y'))),
      ),
  )
  await log.append(settle('room-1', { keepCount: 20 }))
  await trim(log, {}, noon + 48 * hour)
  const before = await stolen(dir)
  const doomed = ids
    .map((id, n) => ({ id, n, seq: n + 1 }))
    .filter(({ n, seq }) => n % 4 === 0 && before.has(seq))
  expect(doomed.length).toBeGreaterThan(150)
  const bytes = await bytesOf(dir)
  for (const { seq, n } of doomed) {
    // The control: up to now the thief has both.
    expect(before.get(seq)!.text).toContain(n % 3 === 0 ? 'secret-edit-' : `secret-${n}-`)
    expect(bytes.includes(before.get(seq)!.key)).toBe(true)
  }
  const edits = [...before].filter(([, { text }]) =>
    doomed.some(({ id }) => text.includes(`"target":"${id}"`)),
  )
  expect(edits.length).toBeGreaterThan(50)
  await Promise.all(doomed.map(({ id, n }) => log.append(remove(`room-${n % 5}`, id))))
  const rest = await bytesOf(dir)
  const keys = [...doomed.map(({ seq }) => before.get(seq)!), ...edits.map(([, one]) => one)]
  expect(keys.filter(({ key }) => rest.includes(key))).toEqual([])
  expect(rest.includes('secret-')).toBe(false)
  const after = await stolen(dir)
  for (const { seq, n } of doomed) {
    expect(after.get(seq)!.text).toContain('"deleted":true')
    expect(after.get(seq)!.text).not.toContain(`secret-${n}-`)
  }
  expect([...after.values()].filter(({ text }) => text.includes('secret-')).length).toBe(
    [...before.values()].filter(({ text }) => text.includes('secret-')).length - keys.length,
  )
})

test('of what retention removed, and of what an edit replaced, no key is left either', async () => {
  const dir = await folder()
  log = await openLog({ dir })
  const all = Array.from({ length: 1_200 }, (_, n) =>
    log.append(message(`room-${n % 2}`, secret(n), 'ann', n % 2 === 0 ? `k${n}` : undefined)),
  )
  const ids = (await Promise.all(all)).map(({ event }) => event.id)
  await log.append(react('room-1', ids.at(-1)!, 'ok', true))
  const before = await stolen(dir)
  await log.append(edit('room-1', ids.at(-1)!, 'other'))
  await log.append(settle('room-0', { keepCount: 1 }))
  await trim(log, {}, noon + hour)
  const rest = await bytesOf(dir)
  for (let n = 0; n < 1_198; n += 2) expect(rest.includes(before.get(n + 1)!.key)).toBe(false)
  expect(rest.includes(before.get(1_199)!.key)).toBe(true)
  expect(rest.includes(before.get(1_200)!.key)).toBe(false)
  // Its keys still answer, and when they no longer do, the rows are gone and their space is free.
  expect(await log.append(message('room-0', 'x', 'ann', 'k0'))).toMatchObject({ first: false })
  await trim(log, { count: 1 }, noon + 48 * hour)
  expect([...(await stolen(dir)).keys()]).toEqual([1_199, 1_200, 1_201, 1_202, 1_203])
  const end = await bytesOf(dir)
  for (let seq = 1; seq <= 1_198; seq += 1) expect(end.includes(before.get(seq)!.key)).toBe(false)
})

test('of what was hidden or held no key is left once its time is over, or it was refused', async () => {
  const dir = await folder()
  log = await openLog({ dir })
  const said = Array.from({ length: 600 }, async (_, n) => {
    const room = `room-${n % 5}`
    const held = n % 4 === 3
    const { event } = await log.append(
      held
        ? hold(`held-${n % 40}`, secret(n), `p${n}`, n % 8 === 3 ? 'k' : undefined)
        : message(room, secret(n)),
    )
    return event.id
  })
  const ids = await Promise.all(said)
  const before = await stolen(dir)
  const hidden = ids.filter((_, n) => n % 4 === 0)
  await Promise.all(
    ids.map(async (id, n) => (n % 4 === 0 ? log.append(hide(`room-${n % 5}`, id, 'x')) : null)),
  )
  await Promise.all(
    ids.map(async (id, n) =>
      n % 12 === 3
        ? log.append({ ...remove(`held-${n % 40}`, id), kind: 'drop', target: id })
        : null,
    ),
  )
  const during = await stolen(dir)
  const bytes = await bytesOf(dir)
  for (const [seq, { key }] of before) {
    const n = seq - 1
    // Hiding changes the key, and what is hidden is masked with the new one; what was refused is gone already.
    expect([n, bytes.includes(key)]).toEqual([n, n % 4 !== 0 && n % 12 !== 3])
  }
  expect(hidden).toHaveLength(150)
  expect(
    drawersOf(await copyOf(dir)).filter((json) => json.includes('"text":"secret-')),
  ).toHaveLength(150)
  expect(await log.expire(noon + hour)).toBe(noon + 24 * hour)
  expect(await log.expire(noon + 24 * hour)).toBeNull()
  const rest = await bytesOf(dir)
  for (const [seq, { key }] of during) {
    const n = seq - 1
    if (n < 600 && (n % 4 === 0 || n % 4 === 3)) expect([n, rest.includes(key)]).toEqual([n, false])
  }
  expect(drawersOf(await copyOf(dir))).toEqual([])
  const after = [...(await stolen(dir)).values()].map(({ text }) => text)
  expect(after.filter((text) => text.includes('secret-'))).toHaveLength(300)
})

/** What brings a database back to a format, from the one after it. */
const backs = [
  'DROP INDEX held; DROP INDEX days; DROP TABLE hidden;',
  'DROP INDEX due; ALTER TABLE rooms DROP COLUMN due; DROP TABLE looked;',
  'DROP TABLE newest;',
  'DROP TABLE files;',
  'DROP TABLE expired;',
]

test.each([1, 2, 3, 4, 5])(
  'a database of format %i is brought to this one, with all that is in it',
  async (format) => {
    const dir = await folder()
    const first = await openLog({ dir })
    const { event } = await first.append(message('a', 'from before'))
    await first.close()
    const db = new DatabaseSync(join(dir, 'hearsay.db'))
    const back = backs
      .slice(format - 1)
      .toReversed()
      .join(' ')
    db.exec(`${back} PRAGMA user_version = ${format}`)
    db.close()
    log = await openLog({ dir })
    await log.append(hide('a', event.id, 'x'))
    await log.append(hold('a', 'new'))
    expect(await log.hiddenBy('a', 'x')).toEqual([event.id])
    expect(await log.held('a', 0, 9)).toHaveLength(1)
    expect(await trim(log, { age: hour }, noon + 2 * hour)).toBe(2)
  },
)

test('what retention removed before it was counted is a loss without a number', async () => {
  const dir = await folder()
  const first = await openLog({ dir })
  for (const text of ['1', '2', '3']) await first.append(message('a', text))
  expect(await trim(first, { count: 2 }, noon)).toBe(1)
  await first.close()
  const db = new DatabaseSync(join(dir, 'hearsay.db'))
  db.exec('DROP TABLE expired; PRAGMA user_version = 5')
  db.close()
  log = await openLog({ dir })
  expect(await trim(log, { count: 1 }, noon)).toBe(1)
  const oldest = idOf(log.epochs, 3)
  expect((await log.after(['a'], 0, 3, 9)).expired).toEqual([
    { room: 'a', oldest, lost: undefined },
  ])
  expect((await log.after(['a'], 1, 3, 9)).expired).toEqual([{ room: 'a', oldest, lost: 1 }])
})
