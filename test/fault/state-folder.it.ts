/**
 * No room left for state: a standalone worker keeps none for sinks, offsets live in Kafka's groups.
 * So a full disk or a file that cannot be written stops nothing and loses nothing.
 * Seen to fail with: the offset file opened for writing at start (standalone-worker, `open`).
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { FaultScene } from '../support/faults.ts'
import { Ledger } from '../support/ledger.ts'

const PARTITIONS = 2
let scene: FaultScene
let ledger: Ledger
const undo: (() => void)[] = []

beforeEach(async () => {
  scene = await FaultScene.open(PARTITIONS)
  ledger = new Ledger(scene, PARTITIONS)
})
afterEach(async () => {
  await ledger.close()
  await scene.close()
  for (const step of undo.splice(0).reverse()) step()
})

/** A file system of 64 KiB, filled to the last byte; undefined without the right to mount. */
function fullFolder(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'scamander-full-'))
  undo.push(() => rmSync(folder, { recursive: true, force: true }))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', folder], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  undo.push(() => execFileSync('umount', ['-l', folder]))
  expect(() => writeFileSync(join(folder, 'fill'), Buffer.alloc(1024 * 1024))).toThrow(/ENOSPC/)
  return folder
}

async function flows(offsetFile: string): Promise<void> {
  const sink = scene.sink(['state', 'journal', 'hits'])
  const more = { 'offset.storage.file.filename': offsetFile }
  await ledger.produce(2_000)
  const first = await scene.startWorker(sink, more)
  await ledger.waitCommitted()
  expect(await first.kill('SIGTERM')).toBe(0)
  await ledger.produce(2_000)
  await scene.startWorker(sink, more)
  await ledger.waitCommitted()
  console.info('no room for state:', await ledger.verify())
  // The second run knew where the first one ended.
  expect(await ledger.verifyRepetitions([])).toBe(0)
}

it('a sink flows, stops and goes on while its state folder is full', async ctx => {
  const folder = fullFolder()
  if (folder === undefined) return ctx.skip('mounting a small file system needs root')
  await flows(join(folder, 'offsets'))
  expect(readdirSync(folder)).toEqual(['fill'])
})

it('a sink flows, stops and goes on while every write to its offset file fails', async () => {
  await flows('/dev/full')
})
