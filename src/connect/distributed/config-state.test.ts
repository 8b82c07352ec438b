import { describe, expect, it } from 'vitest'
import type { ConfigRecord } from './config-records.ts'
import { ConfigState } from './config-state.ts'
import { shareOf } from './work-share.ts'

function stateOf(...records: ConfigRecord[]): ConfigState {
  const state = new ConfigState()
  for (const record of records) state.apply(record)
  return state
}

const connector = (settings: Record<string, string> | undefined): ConfigRecord => ({
  type: 'connector',
  name: 'a',
  settings,
})
const task = (number: number, settings: Record<string, string> | undefined): ConfigRecord => ({
  type: 'task',
  name: 'a',
  task: number,
  settings,
})
const commit = (tasks: number | undefined): ConfigRecord => ({ type: 'commit', name: 'a', tasks })

describe('the state of configurations', () => {
  it('puts task configurations into effect with their commit', () => {
    const state = stateOf(connector({ x: '1' }), task(0, { y: '0' }), task(1, { y: '1' }))
    expect(state.connector('a')?.tasks).toEqual([])
    expect(state.work).toEqual(shareOf(['a'], []))
    state.apply(commit(2))
    expect(state.connector('a')?.tasks).toEqual([{ y: '0' }, { y: '1' }])
    expect(state.work).toEqual(shareOf(['a'], ['a-0', 'a-1']))
    state.apply(task(0, { y: '2' }))
    expect(state.connector('a')?.tasks[0]).toEqual({ y: '0' })
    state.apply(commit(1))
    expect(state.connector('a')?.tasks).toEqual([{ y: '2' }])
  })

  it('keeps the object of a configuration that stays as it is', () => {
    const state = stateOf(connector({ x: '1' }), task(0, { y: '0' }), commit(1))
    const before = state.connector('a')!
    for (const record of [connector({ x: '1' }), task(0, { y: '0' }), commit(1)])
      state.apply(record)
    expect(state.connector('a')!.tasks[0]).toBe(before.tasks[0])
    expect(state.connector('a')!.tasksOf).toBe(before.tasksOf)
  })

  it('tells tasks of a commit that compaction has torn apart', () => {
    const state = stateOf(connector({ x: '1' }), task(1, { y: '1' }), commit(2))
    expect(state.connector('a')).toMatchObject({ tasks: [], isInconsistent: true })
    for (const record of [task(0, {}), task(1, {}), commit(2)]) state.apply(record)
    expect(state.connector('a')).toMatchObject({ tasks: [{}, {}], isInconsistent: false })
  })

  it('runs tasks by the settings they were made from', () => {
    const state = stateOf(connector({ x: '1' }), task(0, {}), commit(1), connector({ x: '2' }))
    expect(state.connector('a')).toMatchObject({ settings: { x: '2' }, tasksOf: { x: '1' } })
  })

  it('keeps a wish that stands before its connector, and forgets with the connector', () => {
    const state = stateOf({ type: 'target', name: 'a', target: 'STOPPED' })
    expect(state.names).toEqual([])
    state.apply(connector({ x: '1' }))
    expect(state.connector('a')?.target).toBe('STOPPED')
    state.apply(connector(undefined))
    expect(state.connector('a')).toBeUndefined()
    state.apply(connector({ x: '1' }))
    expect(state.connector('a')).toMatchObject({ target: 'STARTED', tasks: [] })
  })

  it('tells when earlier tasks are to be fenced, also after the connector was made anew', () => {
    const fenced = (taskCount: number): ConfigRecord => ({ type: 'fencing', name: 'a', taskCount })
    const state = stateOf(connector({}), task(0, {}), commit(1))
    expect(state.connector('a')).toMatchObject({ isFencingDue: true, fencedTasks: undefined })
    state.apply(fenced(1))
    expect(state.connector('a')).toMatchObject({ isFencingDue: false, fencedTasks: 1 })
    state.apply(connector(undefined))
    expect(state.connector('a')).toBeUndefined()
    for (const one of [connector({}), task(0, {}), task(1, {}), commit(2)]) state.apply(one)
    expect(state.connector('a')).toMatchObject({ isFencingDue: true, fencedTasks: 1 })
  })

  it('has no tasks after a stop', () => {
    const state = stateOf(connector({}), task(0, {}), commit(1), task(0, undefined), commit(0))
    expect(state.connector('a')).toMatchObject({ tasks: [], isInconsistent: false })
  })
})
