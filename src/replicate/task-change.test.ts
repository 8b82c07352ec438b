/** Options that a query says itself: they are those of its task, stand above others, and go with the text. */
import { describe, expect, it } from 'vitest'
import { newTask, patched } from './task-change.ts'

const FULL = 'REPLICATE Issues WITH mode = full, batch_rows = 10, deletes = keep'

describe('options of a query', () => {
  it('are those of its task, above what is given beside it', () => {
    const task = newTask({ query: FULL, mode: 'append', options: { batchRows: 5, ttlSeconds: 60 } })
    expect(task).toMatchObject({
      ...{ destination: 'issues', mode: 'full' },
      options: { batchRows: 10, deletes: 'keep', ttlSeconds: 60 },
    })
  })

  it('go with the text, and those beside it stay', () => {
    const task = newTask({ query: FULL, options: { ttlSeconds: 60 } })
    const other = patched(task, { query: 'REPLICATE Issues WITH start = 2026-01-31' })
    expect(other).toMatchObject({ mode: 'incremental' })
    expect(other.options).toEqual({ ttlSeconds: 60, start: '2026-01-31' })
  })

  it('are not changed beside the text', () => {
    const task = newTask({ query: FULL })
    const other = patched(task, { options: { batchRows: 5, alterSchema: false } })
    expect(other.mode).toBe('full')
    expect(other.options).toEqual({ batchRows: 10, deletes: 'keep', alterSchema: false })
    expect(patched(task, { enabled: false })).toEqual({ ...task, enabled: false })
  })

  it('that empty or drop the table are a mode, and two of them are refused', () => {
    expect(newTask({ query: 'REPLICATE t WITH drop_table = true SELECT 1' }).mode).toBe('recreate')
    expect(newTask({ query: 'REPLICATE t WITH truncate = true SELECT 1' }).mode).toBe('truncate')
    expect(() =>
      newTask({ query: 'REPLICATE t WITH truncate = true, drop_table = true SELECT 1' }),
    ).toThrow('exclude each other')
    expect(() =>
      newTask({ query: 'REPLICATE t WITH truncate = true, mode = append SELECT 1' }),
    ).toThrow('options.truncate: is the mode truncate, the task has the mode append')
  })
})
