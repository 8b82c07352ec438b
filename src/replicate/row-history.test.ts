/** Which run a row of a history belongs to, after a process that ended while it was on its way. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openHistory } from './row-history.ts'
import { Store } from './store.ts'

const KEY = '[1]'
let folder: string
let store: Store

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scamander-row-history-'))
  store = new Store(folder)
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

const opened = (runId: string | undefined, left: readonly string[] = []) => [
  ...openHistory(store, { taskId: 't', runId, left }),
]

function put(hash: Uint8Array): void {
  store.rows.put('t', [{ key: KEY, scope: '', hash }])
}

it('is that which was cut off, until the row is known as written', () => {
  expect(opened('first')).toEqual([])
  put(new Uint8Array(0))
  expect(opened('second', [KEY])).toEqual([[KEY, 'first']])
  expect(opened('third', [KEY])).toEqual([[KEY, 'first']])
  put(Buffer.from('h'))
  expect(opened('fourth')).toEqual([])
})

it('is none for a row that comes back after it was gone: what was written of it stays', () => {
  opened('first')
  put(new Uint8Array(0))
  expect(opened('second', [KEY])).toEqual([[KEY, 'first']])
  store.rows.bury('t', [KEY])
  expect(opened('third')).toEqual([])
})

it('stays so when a dry run looks at the table in between', () => {
  opened('first')
  put(new Uint8Array(0))
  expect(opened(undefined, [KEY])).toEqual([[KEY, 'first']])
  expect(opened('second')).toEqual([[KEY, 'first']])
  put(Buffer.from('h'))
  opened(undefined)
  put(new Uint8Array(0))
  expect(opened('third', [KEY])).toEqual([[KEY, 'second']])
})
