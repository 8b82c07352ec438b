import { describe, expect, it } from 'vitest'
import { ScamanderError } from '../../base/scamander-error.ts'
import { type RawHeader, RawMessage } from '../../flow/index.ts'
import { toDeadLetter } from '../../pipeline/index.ts'
import { originalHeaders, REPLAY_HEADER, toLetter } from './letter.ts'
import { LetterEnd } from './letter-end.ts'
import { filterKey, matchesLetter } from './letter-filter.ts'

const NOTHING = { keyStart: 0, keyLength: -1, valueStart: 0, valueLength: -1 }

function messageOf(headers: readonly RawHeader[], timestampMs = 1_000): RawMessage {
  const data = { bytes: Buffer.alloc(0), ...NOTHING, headers }
  return new RawMessage({ topic: 'dlq', partition: 1 }, { offset: 7, timestampMs }, data)
}

function failedRecord(contextHeaders = true) {
  const own = [{ name: 'mine', value: Buffer.from('1') }]
  const data = { bytes: Buffer.alloc(0), ...NOTHING, headers: own }
  const message = new RawMessage({ topic: 't', partition: 3 }, { offset: 42, timestampMs: 9 }, data)
  const declaration = { code: 'SCM_X', kind: 'data', summary: '', advice: '' } as const
  const error = new ScamanderError(declaration, 'not a number')
  const failed = { message, stage: 'VALUE_CONVERTER', className: 'J', error } as const
  return toDeadLetter(failed, { connector: 'c', task: 2, contextHeaders })
}

describe('toLetter', () => {
  it('reads back what a task wrote', () => {
    const { headers } = failedRecord()
    expect(toLetter(messageOf(headers))).toEqual({
      partition: 1,
      offset: 7,
      timestampMs: 1_000,
      origin: { topic: 't', partition: 3, offset: 42 },
      connector: 'c',
      task: '2',
      stage: 'VALUE_CONVERTER',
      className: 'J',
      exceptionClass: 'org.apache.kafka.connect.errors.DataException',
      exceptionMessage: 'not a number',
      replayCount: 0,
    })
    expect(originalHeaders(headers)).toEqual([{ name: 'mine', value: Buffer.from('1') }])
  })

  it('has every context header of Kafka Connect, after those of the record', () => {
    const names = failedRecord().headers.map(({ name }) => name)
    const context = 'topic partition offset connector.name task.id stage class.name'.split(' ')
    const exception = ['class.name', 'message', 'stacktrace'].map(one => `exception.${one}`)
    expect(names).toEqual([
      'mine',
      ...[...context, ...exception].map(one => `__connect.errors.${one}`),
    ])
  })

  it('of a letter without context knows no origin', () => {
    const letter = toLetter(messageOf(failedRecord(false).headers))
    expect([letter.origin, letter.stage, letter.connector]).toEqual([undefined, '', ''])
  })

  it('takes the last failure of a letter that failed again, and counts replays', () => {
    const again = [
      ...failedRecord().headers,
      { name: REPLAY_HEADER, value: Buffer.from('2') },
      { name: '__connect.errors.exception.message', value: null },
      { name: '__connect.errors.topic', value: Buffer.from('other') },
    ]
    expect(toLetter(messageOf(again))).toMatchObject({
      replayCount: 2,
      exceptionMessage: '',
      origin: { topic: 'other' },
    })
  })
})

describe('matchesLetter', () => {
  const letter = toLetter(messageOf(failedRecord().headers))
  it.each([
    [{}, true],
    [{ connector: 'c', topic: 't', stage: 'VALUE_CONVERTER' }, true],
    [{ connector: 'd' }, false],
    [{ topic: 'dlq' }, false],
    [{ stage: 'TASK_PUT' }, false],
    [{ error: 'DataException' }, true],
    [{ error: 'a number' }, true],
    [{ error: 'timeout' }, false],
    [{ sinceMs: 1_000, untilMs: 1_001 }, true],
    [{ sinceMs: 1_001 }, false],
    [{ untilMs: 1_000 }, false],
  ])('%j: %s', (filter, expected) => {
    expect(matchesLetter(letter, filter)).toBe(expected)
  })

  it('has a key by filter and target', () => {
    expect(filterKey({}, '')).toBe('')
    const key = filterKey({ topic: 'a', stage: undefined }, '')
    expect(key).toMatch(/^[0-9a-f]{8}$/)
    expect(filterKey({ topic: 'a' }, '')).toBe(key)
    expect(filterKey({ topic: 'b' }, '')).not.toBe(key)
    expect(filterKey({ topic: 'a' }, 'there')).not.toBe(key)
  })
})

describe('LetterEnd', () => {
  const place = (partition: number, offset: number) => ({ topic: 'd', partition, offset })
  const ranges = [
    { topic: 'd', partition: 0, start: 0, end: 3 },
    { topic: 'd', partition: 1, start: 5, end: 5 },
  ]

  it('ends where the topic ended, letters that came later are left', () => {
    const end = new LetterEnd(ranges)
    expect([end.isAssigned, end.isRead]).toEqual([false, false])
    end.assigned([place(0, -1), place(1, -1)])
    expect([0, 1, 2, 3].map(offset => end.take(place(0, offset)))).toEqual([
      true,
      true,
      true,
      false,
    ])
    expect([end.isRead, end.isCommitted]).toEqual([true, false])
    end.committed([place(0, 3)])
    expect(end.isCommitted).toBe(true)
  })

  it('goes on at the committed position, and over gaps', () => {
    const end = new LetterEnd(ranges)
    end.assigned([place(0, 2), place(1, 5)])
    expect(end.isRead).toBe(false)
    end.moved([{ ...place(0, 0), position: 3, highWatermark: 3, lag: 0 }])
    expect([end.isRead, end.isCommitted]).toEqual([true, true])
  })

  it('waits for no commit of what is not given', () => {
    const end = new LetterEnd(ranges)
    end.assigned([place(0, 0), place(1, 5)])
    expect([0, 1, 2].map(offset => end.take(place(0, offset), offset === 0))).toEqual([
      true,
      true,
      true,
    ])
    expect(end.isCommitted).toBe(false)
    end.committed([place(0, 1)])
    expect(end.isCommitted).toBe(true)
  })
})
