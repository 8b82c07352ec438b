/** Segments that are moved out of cdc_raw: which, how many, whole, and found again wherever they are. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Logger } from '../../../telemetry/index.ts'
import { CdcFolder } from './cdc-folder.ts'
import { OverflowMover } from './overflow-mover.ts'

const BYTES = 64 * 1024
let root: string
let folder: CdcFolder

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'scamander-overflow-'))
  mkdirSync(join(root, 'raw'))
  folder = new CdcFolder(join(root, 'raw'), join(root, 'over', 'host'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function segment(id: number, index: string | undefined): void {
  writeFileSync(join(root, 'raw', `CommitLog-7-${id}.log`), Buffer.alloc(BYTES, id))
  if (index === undefined) return
  writeFileSync(join(root, 'raw', `CommitLog-7-${id}_cdc.idx`), index)
}

const moverOf = (limitBytes = 1e9, rawLimitBytes = BYTES * 4) =>
  new OverflowMover({ folder, rawLimitBytes, limitBytes, logger: Logger.silent() })
const names = (...path: string[]) => readdirSync(join(root, ...path)).sort()
const move = async (mover: OverflowMover) => mover.move((await folder.usage()).bytes)
const found = async () => (await folder.list()).map(one => [Number(one.segmentId), one.isMoved])

it('moves the oldest that are complete until enough room is left', async () => {
  for (const id of [1, 2, 3, 4]) segment(id, `${BYTES}\nCOMPLETED`)
  const mover = moverOf()
  // 70 % of four are less than three.
  expect(await move(mover)).toBe(2)
  expect(await found()).toEqual([
    [1, true],
    [2, true],
    [3, false],
    [4, false],
  ])
  expect(names('over', 'host')).toEqual(
    [1, 2].flatMap(id => [`CommitLog-7-${id}.log`, `CommitLog-7-${id}_cdc.idx`]),
  )
  const [first] = await folder.list()
  expect(readFileSync(first!.path).equals(Buffer.alloc(BYTES, 1))).toBe(true)
  expect([first!.hasIndex, await folder.isFinal(first!)]).toEqual([true, true])
  expect(mover.usage.bytes).toBeGreaterThanOrEqual(2 * BYTES)
  await folder.delete(first!)
  expect(await move(mover)).toBe(0)
  expect(names('over', 'host')).toEqual(['CommitLog-7-2.log', 'CommitLog-7-2_cdc.idx'])
})

it('moves nothing beyond its limit, and nothing where the limit of cdc_raw is not known', async () => {
  for (const id of [1, 2, 3, 4, 5]) segment(id, `${BYTES}\nCOMPLETED`)
  expect(await move(moverOf(1e9, 0))).toBe(0)
  expect(await move(moverOf(BYTES * 1.5))).toBe(1)
  expect((await found()).filter(([, isMoved]) => isMoved)).toEqual([[1, true]])
})

it('leaves everything where it was when it cannot move, and waits before it tries again', async () => {
  for (const id of [1, 2, 3, 4]) segment(id, `${BYTES}\nCOMPLETED`)
  // Nothing can be renamed to it.
  mkdirSync(join(root, 'over', 'host', 'CommitLog-7-1_cdc.idx', 'x'), { recursive: true })
  const mover = moverOf()
  expect([await move(mover), await move(mover)]).toEqual([0, 0])
  expect(names('raw')).toHaveLength(8)
  expect(names('over', 'host')).toEqual(['CommitLog-7-1_cdc.idx'])
})

it('goes on after a crash: what was moved is deleted, what was half done begins anew', async () => {
  for (const id of [1, 2, 3, 4]) segment(id, `${BYTES}\nCOMPLETED`)
  mkdirSync(join(root, 'over', 'host'), { recursive: true })
  const place = (name: string, bytes: Buffer) =>
    writeFileSync(join(root, 'over', 'host', name), bytes)
  place('CommitLog-7-1.log', Buffer.alloc(BYTES, 1))
  place('CommitLog-7-1_cdc.idx', Buffer.from(`${BYTES}\nCOMPLETED`))
  place('CommitLog-7-2.log.part', Buffer.alloc(10))
  await move(moverOf())
  expect(names('raw').filter(name => name.includes('-1'))).toEqual([])
  expect(names('over', 'host').filter(name => name.endsWith('.part'))).toEqual([])
  const all = await folder.list()
  expect(all.map(one => Number(one.segmentId))).toEqual([1, 2, 3, 4])
  for (const one of all) expect(readFileSync(one.path).length).toBe(BYTES)
})

it('deletes what a node brings back of what was moved', async () => {
  for (const id of [1, 2, 3, 4]) segment(id, `${BYTES}\nCOMPLETED`)
  const mover = moverOf()
  expect(await move(mover)).toBe(2)
  for (const id of [1, 2]) segment(id, `${BYTES}\nCOMPLETED`)
  expect(await move(mover)).toBe(0)
  expect(await found()).toEqual([1, 2, 3, 4].map(id => [id, id < 3]))
  expect(names('raw')).toEqual(
    [3, 4].flatMap(id => [`CommitLog-7-${id}.log`, `CommitLog-7-${id}_cdc.idx`]),
  )
})

it('refuses a folder that the node counts too', () => {
  const raw = join(root, 'raw')
  for (const inside of [join(raw, 'over', 'host'), raw]) {
    expect(() => new CdcFolder(raw, inside)).toThrow(/expected a folder that is not in/)
  }
  expect(new CdcFolder(raw, `${raw}-over`).overflow).toBe(`${raw}-over`)
})

it('leaves index files of nobody behind no longer than needed', async () => {
  segment(7, `${BYTES}\nCOMPLETED`)
  for (const id of [3, 9]) writeFileSync(join(root, 'raw', `CommitLog-7-${id}_cdc.idx`), '1')
  await folder.deleteOrphans(8n)
  expect(names('raw')).toEqual([
    'CommitLog-7-7.log',
    'CommitLog-7-7_cdc.idx',
    'CommitLog-7-9_cdc.idx',
  ])
})
