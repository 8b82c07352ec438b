/** Modes and options of tasks: what is let through, and by which field the rest is refused. */
import { describe, expect, it } from 'vitest'
import type { TaskOptions } from '../api-v1.ts'
import { newTask, patched } from './task-change.ts'
import { isLosing, windowOf } from './task-options.ts'

describe('options of a task', () => {
  it('are kept, and nothing else with them', () => {
    const options = { deletes: 'keep', ttlSeconds: 60, batchRows: 10, other: 1 } as TaskOptions
    const task = newTask({ table: 'Issues', options })
    expect(task).toMatchObject({ mode: 'incremental' })
    expect(task.options).toEqual({ deletes: 'keep', ttlSeconds: 60, batchRows: 10 })
    expect(newTask({ table: 'Issues' }).options).toEqual({})
  })

  it('are replaced whole by a change that has some', () => {
    const task = newTask({ table: 'Issues', options: { ttlSeconds: 60 } })
    expect(patched(task, { enabled: false }).options).toEqual({ ttlSeconds: 60 })
    expect(patched(task, { options: { start: '2026-01-31' } }).options).toEqual({
      start: '2026-01-31',
    })
  })

  it('name a mode in another word', () => {
    const modeOf = (options: TaskOptions) => newTask({ table: 'Issues', options })
    expect(modeOf({ dropTable: true })).toMatchObject({ mode: 'recreate', options: {} })
    expect(modeOf({ truncate: true })).toMatchObject({ mode: 'truncate', options: {} })
    expect(modeOf({ truncate: false })).toMatchObject({ mode: 'incremental', options: {} })
    expect(isLosing('recreate') && isLosing('truncate') && !isLosing('append')).toBe(true)
  })

  it.each([
    [{ deletes: 'never' }, 'options.deletes'],
    [{ start: '31.1.2026' }, 'options.start'],
    [{ start: '2026-13-31' }, 'options.start'],
    [{ interval: 0, intervalUnit: 'days' }, 'options.interval'],
    [{ interval: 3 }, 'options.intervalUnit'],
    [{ interval: 3, intervalUnit: 'moons' }, 'options.intervalUnit'],
    [{ batchRows: 10.5 }, 'options.batchRows'],
    [{ ttlSeconds: 630_720_001 }, 'options.ttlSeconds'],
    [{ alterSchema: 'no' }, 'options.alterSchema'],
    [{ dropTable: true, truncate: true }, 'options.truncate'],
  ])('%j is refused at %s', (options, field) => {
    const draft = { table: 'Issues', options: options as TaskOptions }
    expect(() => newTask(draft)).toThrow(
      expect.objectContaining({ context: expect.objectContaining({ field }) }),
    )
  })

  it('of tasks that read together: the smallest window of a first load counts', () => {
    const days = (interval: number) => ({ options: { interval, intervalUnit: 'days' } as const })
    expect(windowOf([days(7), {}, days(2)])).toBe(2 * 86_400_000)
    expect(windowOf([{}])).toBeUndefined()
  })

  it('do not stand against the mode', () => {
    const draft = { table: 'Issues', mode: 'append', options: { truncate: true } } as const
    expect(() => newTask(draft)).toThrow('the task has the mode append')
  })
})
