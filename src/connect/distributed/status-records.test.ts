import { describe, expect, it } from 'vitest'
import { mayReplace, StatusBoard } from './status-board.ts'
import { decodeStatusRecord, encodeStatusRecord, type StatusRecord } from './status-records.ts'

const status = (workerId: string, generation: number) => ({
  state: 'RUNNING' as const,
  trace: undefined,
  workerId,
  generation,
  version: '1',
})

const RECORDS: StatusRecord[] = [
  { type: 'connector', name: 'a', status: { ...status('h:1', 3), trace: 'why', state: 'FAILED' } },
  { type: 'connector', name: 'a', status: undefined },
  { type: 'task', name: 'a-b', task: 12, status: status('h:1', 0) },
  { type: 'task', name: 'a', task: 0, status: undefined },
  { type: 'topic', name: 'a:connector-b', topic: 't', seen: { task: 1, atMs: 5 } },
  { type: 'topic', name: 'a', topic: 't', seen: undefined },
]

describe('records of states', () => {
  it.each(RECORDS)('read back as they were written: $type $name', record => {
    const { key, value } = encodeStatusRecord(record)
    expect(decodeStatusRecord(key, value)).toEqual(record)
  })

  it('have the form of Kafka Connect', () => {
    const { key, value } = encodeStatusRecord(RECORDS[2]!)
    expect(key.toString()).toBe('status-task-a-b-12')
    expect(JSON.parse(value!.toString())).toEqual({
      state: 'RUNNING',
      worker_id: 'h:1',
      generation: 0,
      version: '1',
    })
    expect(encodeStatusRecord(RECORDS[4]!).key.toString()).toBe(
      'status-topic-t:connector-a:connector-b',
    )
  })

  it.each([
    ['status-connector-a', '{"state":"DESTROYED","worker_id":"h:1","generation":1}'],
    ['status-connector-a', '[]'],
    ['status-task-a', '{"state":"RUNNING"}'],
    ['other', '{"state":"RUNNING"}'],
  ])('%s %s is passed over', (key, value) => {
    expect(decodeStatusRecord(Buffer.from(key), Buffer.from(value))).toBeUndefined()
  })
})

describe('the board of states', () => {
  it('shows the last state, and nothing of what is gone', () => {
    const board = new StatusBoard()
    for (const record of RECORDS) board.apply(record)
    expect(board.connector('a')).toBeUndefined()
    expect(board.tasks('a-b')).toEqual([12])
    expect(board.topics('a:connector-b')).toEqual(['t'])
    expect(board.names).toEqual(['a-b', 'a:connector-b'])
  })

  it.each([
    [undefined, true],
    [status('me', 9), true],
    [status('other', 4), true],
    [status('other', 5), false],
    [status('other', 6), false],
  ])('may be replaced after a stop: %j %j', (before, expected) => {
    expect(mayReplace(before, { workerId: 'me', generation: 5 })).toBe(expected)
  })
})
