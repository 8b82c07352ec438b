/** Statements that do not end by themselves. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { engineText, SqlEngine } from './sql-engine.ts'

const ENDLESS = 'SELECT i.range AS x FROM range(1000000000000) i WHERE i.range % 7 = 8'
let engine: SqlEngine

beforeEach(async () => {
  engine = await SqlEngine.open()
})
afterEach(() => engine.close())

async function rowsOf(limitMs: number, signal?: AbortSignal): Promise<void> {
  for await (const _ of engine.select(ENDLESS, limitMs, signal));
}

it('end at the limit of their time, which is told', async () => {
  await expect(rowsOf(100)).rejects.toThrow('the statement and its rows took longer than 0.1 s')
})

it('end when their run is stopped', async () => {
  const stop = new AbortController()
  const rows = rowsOf(60_000, stop.signal)
  setTimeout(() => stop.abort(), 100)
  await expect(rows).rejects.toThrow('Interrupted')
})

it('that need more memory than there is say so, not what the engine proposes', () => {
  const own = 'Out of Memory Error: failed to allocate\n\nPossible solutions:\n* SET memory_limit'
  expect(engineText(own)).toMatch(/^the rows and the statement need more than the 1 GB of memory/)
  expect(engineText('no column x in "raw Issues"')).toBe('no column x in Issues')
})
