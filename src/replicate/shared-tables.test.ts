/**
 * Tasks that write one table, and a task that would write the table that it reads.
 */
import { describe, expect, it } from 'vitest'
import type { ConnectionRecord } from './connection.ts'
import { type JobRecord, SETTINGS_DEFAULT } from './job-record.ts'
import { NO_SCHEDULE } from './schedule.ts'
import { readAndWritten, TableWriters } from './shared-tables.ts'
import { newTask } from './task-change.ts'

const connection = (id: string, properties: ConnectionRecord['properties']): ConnectionRecord => ({
  ...{ id, name: id, connector: 'cassandra', labels: [], properties, secrets: {}, hints: {} },
  ...{ status: 'UNTESTED', statusText: '', testedAt: null, createdAt: '', updatedAt: '' },
})
const CONNECTIONS = new Map(
  [
    connection('a', { server: '10.0.0.1, 10.0.0.2', port: 9042, database: 'ops' }),
    connection('same', { server: '10.0.0.2', port: 9042, database: 'ops' }),
    connection('other', { server: '10.0.0.2', port: 9043, database: 'ops' }),
  ].map(one => [one.id, one]),
)
const find = (id: string) => CONNECTIONS.get(id)

function job(name: string, destination: string, more: Partial<JobRecord> = {}): JobRecord {
  return {
    ...{ id: name, name, source: 'a', destination, type: 'standard', enabled: true, labels: [] },
    ...{ settings: SETTINGS_DEFAULT, schedule: NO_SCHEDULE, version: 1, createdAt: '' },
    ...{ updatedAt: '', tasks: [newTask({ table: 'Issues' })], ...more },
  }
}

function warnings(of: JobRecord, ...others: JobRecord[]): string[] {
  return new TableWriters([of, ...others], find).warningsOf(of, of.tasks[0]!)
}

describe('a table that another task writes too', () => {
  it('is told with the name of the other job, whatever the connection is called', () => {
    const [warning] = warnings(job('first', 'a'), job('second', 'same'))
    expect(warning).toContain('ops.issues is written by job second (task Issues) too')
    expect(warning).toContain('Choose another table name')
  })

  it('is told of a task of the same job', () => {
    const tasks = [newTask({ table: 'Issues' }), newTask({ table: 'Issues' })]
    expect(warnings(job('first', 'a', { tasks }))[0]).toContain('task Issues of this job')
  })

  it('names three jobs and counts the rest', () => {
    const others = ['b', 'c', 'd', 'e'].map(name => job(name, 'same'))
    expect(warnings(job('first', 'a'), ...others)[0]).toContain('job d (task Issues) and 1 more')
  })

  it.each([
    ['another port', job('second', 'other')],
    ['another keyspace', job('second', 'a', { settings: { ...SETTINGS_DEFAULT, keyspace: 'x' } })],
    ['another table', job('second', 'a', { tasks: [newTask({ table: 'Projects' })] })],
  ])('is not told of %s', (_, other) => {
    expect(warnings(job('first', 'a'), other)).toEqual([])
  })
})

describe('a table that is read and written', () => {
  const into = { destination: 'issues', tables: ['users', 'issues'] }

  it('is found on the same cluster and in the same keyspace only', () => {
    expect(readAndWritten(job('x', 'same'), into, find)).toBe('issues')
    expect(readAndWritten(job('x', 'other'), into, find)).toBeUndefined()
    const settings = { ...SETTINGS_DEFAULT, keyspace: 'copy' }
    expect(readAndWritten(job('x', 'same', { settings }), into, find)).toBeUndefined()
    const tables = { ...into, tables: ['users'] }
    expect(readAndWritten(job('x', 'same'), tables, find)).toBeUndefined()
  })
})
