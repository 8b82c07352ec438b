/**
 * The list of long acts: what each kind tells, in order, whatever one source does.
 */
import { describe, expect, it } from 'vitest'
import type { RunInfo } from '../../api-v1.ts'
import type { MigrationAct } from '../../api-v1-migrations.ts'
import { ActivityDesk } from './activity-desk.ts'
import { migrationActivity, replayActivity, runActivity } from './activity-items.ts'

const task = (table: string, state: string, rowsTotal: number | null, activity = '') =>
  ({ table, state, rowsTotal, activity }) as RunInfo['tasks'][number]
const run = (tasks: RunInfo['tasks'], state: RunInfo['state'] = 'RUNNING') =>
  ({
    ...{ id: 'r1', jobId: 'j1', jobName: 'nightly', state, startedAt: '2026-01-01T00:00:02Z' },
    ...{ rows: { read: 120 }, tasks },
  }) as unknown as RunInfo

describe('a run under way', () => {
  it('tells what it does, and a total once every task knows its own', () => {
    const issues = task('Issues', 'RUNNING', 4_800, 'page 12 of OPS')
    expect(runActivity([run([task('Projects', 'SUCCESS', 14), issues])])).toMatchObject([
      ...[
        { kind: 'run', name: 'nightly', text: 'Issues, page 12 of OPS', done: 120, total: 4_814 },
      ],
    ])
    const [unknown] = runActivity([run([task('Projects', 'QUEUED', null), issues])])
    expect(unknown).toMatchObject({ total: null, state: 'running' })
  })

  it('that waits says so, and one without rows has no total', () => {
    const [waiting] = runActivity([run([task('Issues', 'WAITING_RATE_LIMIT', 0)], 'QUEUED')])
    expect(waiting).toMatchObject({ state: 'waiting', total: null })
  })
})

it('a copy of tables is as far as its tables are on average', () => {
  const table = (name: string, state: string, share: number, rows: number) =>
    ({ table: name, state, share, rows }) as MigrationAct['tables'][number]
  const tables = [
    table('a', 'passed', 0, 10),
    table('b', 'running', 0.5, 5),
    table('c', 'waiting', 0, 0),
  ]
  const act = { id: 7, kind: 'copy', tables, text: '', startedAt: '2026-01-01T00:00:01Z' }
  expect(migrationActivity('shop', act as unknown as MigrationAct)).toMatchObject({
    ...{ key: 'migration shop 7', kind: 'copy', text: 'b', done: 15, share: 0.5, canStop: true },
  })
})

it('the list is in order of their starts, and a source that fails hides no other', () => {
  const desk = new ActivityDesk()
  desk.add(() => runActivity([run([])]))
  desk.add(() => {
    throw new Error('closed')
  })
  const startedAt = '2026-01-01T00:00:00Z'
  desk.add(() => replayActivity([{ id: 1, connector: 'sink', letters: undefined, startedAt }]))
  expect(desk.list().items.map(one => one.key)).toEqual(['replay 1', 'run r1'])
})
