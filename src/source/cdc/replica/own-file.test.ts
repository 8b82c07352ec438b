/**
 * Whether the file of a worker is as new as the topics: after an ordinary end, a crash between the two,
 * a backup that was brought back, and another owner.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { CaptureStore } from '../state/capture-store.ts'
import { OwnFile } from './own-file.ts'
import type { OwnerRecord } from './owner-record.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-own-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const owner = (id: string, round: number): OwnerRecord => ({
  ...{ id, url: '', atMs: 1, isReleased: true, round },
})

function inFile<T>(work: (file: OwnFile, store: CaptureStore) => T): T {
  const store = CaptureStore.open(folder)
  try {
    return work(new OwnFile(store), store)
  } finally {
    store.close()
  }
}

const isCurrent = (record: OwnerRecord | undefined) => inFile(file => file.isCurrent(record))

function own(id: string, rounds: number, prefix = 'p'): void {
  inFile(file => {
    file.noteNext(id)
    for (let round = 1; round <= rounds; round++) file.noteRound({ id, round, prefix })
    file.noteOwner(id)
  })
}

it('is current with what it wrote last, and with topics that are new', () => {
  own('a', 3)
  expect([isCurrent(owner('a', 3)), isCurrent(undefined)]).toEqual([true, true])
  expect(isCurrent(owner('b', 1))).toBe(false)
})

it('is current when it ended between the file and the topic', () => {
  own('a', 3)
  expect(isCurrent(owner('a', 2))).toBe(true)
  inFile(file => {
    file.noteNext('b')
    file.noteRound({ id: 'b', round: 1, prefix: 'p' })
  })
  expect([isCurrent(owner('a', 3)), isCurrent(owner('b', 1))]).toEqual([true, true])
})

it('is not current when it is brought back from a backup of the same ownership', () => {
  own('a', 3)
  const backup = mkdtempSync(join(tmpdir(), 'scamander-backup-'))
  cpSync(folder, backup, { recursive: true })
  inFile(file => file.noteRound({ id: 'a', round: 4, prefix: 'p' }))
  expect(isCurrent(owner('a', 4))).toBe(true)
  cpSync(backup, folder, { recursive: true })
  rmSync(backup, { recursive: true })
  expect(isCurrent(owner('a', 4))).toBe(false)
  expect(inFile(file => file.has(owner('a', 4)))).toBe(true)
})

it('goes by the name alone where an older release wrote it', () => {
  inFile((_, store) => store.put('replica', 'owner', 'old'))
  expect([isCurrent(owner('old', 0)), isCurrent(owner('old', 5))]).toEqual([true, false])
  expect(inFile(file => [file.isKnown, file.prefix])).toEqual([true, undefined])
})

it('knows the prefix that it belongs to', () => {
  expect(inFile(file => [file.isKnown, file.prefix])).toEqual([false, undefined])
  own('a', 1, 'first')
  own('b', 1, 'second')
  expect(inFile(file => [file.isKnown, file.prefix])).toEqual([true, 'second'])
  // The way back: the topics of the first prefix name an owner that the file has left.
  expect(inFile(file => file.has(owner('a', 1)))).toBe(false)
})
