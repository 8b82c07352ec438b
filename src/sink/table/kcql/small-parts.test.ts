import { describe, expect, it } from 'vitest'
import type { FlowRecord } from '../../../flow/index.ts'
import { Logger } from '../../../telemetry/index.ts'
import { WriteClock } from '../bind/write-clock.ts'
import { withWriteTime } from './delete-statement.ts'
import { ProgressLog } from './progress-log.ts'

describe('withWriteTime', () => {
  it.each([
    ['DELETE FROM t WHERE a = ?', 'DELETE FROM t USING TIMESTAMP ? WHERE a = ?'],
    [
      'delete from ks.t where a = ? and b = ?;',
      'delete from ks.t USING TIMESTAMP ? where a = ? and b = ?',
    ],
    [
      'DELETE a, b FROM "K s"."t""x" WHERE a=:x',
      'DELETE a, b FROM "K s"."t""x" USING TIMESTAMP ? WHERE a=:x',
    ],
    ['DELETE FROM t\n WHERE a = ?', 'DELETE FROM t USING TIMESTAMP ?\n WHERE a = ?'],
    ['DELETE FROM t USING TIMESTAMP 5 WHERE a = ?', undefined],
    ['UPDATE t SET x = true WHERE a = ?', undefined],
    ['DELETE FROM t', undefined],
  ])('%j', (given, expected) => {
    expect(withWriteTime(given)).toBe(expected)
  })
})

describe('WriteClock', () => {
  it('grows strictly, also when the clock stands or is set back', () => {
    let nowMs = 1000
    const clock = new WriteClock(() => nowMs)
    expect([clock.nextMicros(), clock.nextMicros()]).toEqual([1_000_000, 1_000_001])
    nowMs = 900
    expect(clock.nextMicros()).toBe(1_000_002)
    nowMs = 2000
    expect(clock.nextMicros()).toBe(2_000_000)
  })
})

describe('ProgressLog', () => {
  it('tells the count of each topic at most once a minute', () => {
    const lines: string[] = []
    const logger = Logger.create({ sink: line => lines.push(String(line['msg'])) })
    const log = new ProgressLog(logger, 0)
    const records = (topic: string, count: number) =>
      Array.from({ length: count }, () => ({ topic }) as FlowRecord)
    log.add(records('a', 2), 30_000)
    expect(lines).toEqual([])
    log.add([...records('a', 1), ...records('b', 5)], 60_000)
    expect(lines).toEqual([
      'delivered 3 records of a since the start',
      'delivered 5 records of b since the start',
    ])
    log.add(records('a', 1), 100_000)
    expect(lines).toHaveLength(2)
    log.add(records('a', 1), 120_000)
    expect(lines[2]).toContain('delivered 5 records of a')
  })
})
