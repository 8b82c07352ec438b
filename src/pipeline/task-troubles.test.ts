/**
 * The records at which a task stands still: noted, counted, and gone when their partition got past them.
 */
import { describe, expect, it } from 'vitest'
import { declareErrors, ScamanderError } from '../base/scamander-error.ts'
import { TaskTroubles } from './task-troubles.ts'

const { BAD } = declareErrors('troubles_test', {
  BAD: { kind: 'data', summary: 'bad record', advice: 'Mend it.' },
})
const error = new ScamanderError(BAD, 'bad')
const at = (offset: number, partition = 0) => ({ topic: 't', partition, offset })

const shown = (troubles: TaskTroubles) =>
  troubles.list().map(one => [one.partition, one.offset, one.attempts, one.sinceMs])

describe('TaskTroubles', () => {
  it('counts the attempts at a record and keeps when it failed first', () => {
    const troubles = new TaskTroubles()
    for (const nowMs of [10, 20, 30]) troubles.note(at(7), error, nowMs)
    const [one] = troubles.list()
    expect(shown(troubles)).toEqual([[0, 7, 3, 10]])
    expect([one?.code, one?.message, one?.advice]).toEqual([error.code, 'bad', 'Mend it.'])
  })

  it('keeps the lowest record of a partition, the longest trouble first', () => {
    const troubles = new TaskTroubles()
    troubles.note(at(7), error, 10)
    troubles.note(at(9), error, 11)
    troubles.note(at(3, 1), error, 5)
    troubles.note(at(5), error, 20)
    expect(shown(troubles)).toEqual([
      [1, 3, 1, 5],
      [0, 5, 1, 20],
    ])
  })

  it('ends when everything up to the record is settled, or the partition is gone', () => {
    const troubles = new TaskTroubles()
    troubles.note(at(7), error, 10)
    troubles.note(at(7, 1), error, 10)
    troubles.settled(at(7))
    expect(shown(troubles)).toHaveLength(2)
    troubles.settled(at(8))
    expect(shown(troubles)).toEqual([[1, 7, 1, 10]])
    troubles.forget({ topic: 't', partition: 1 })
    expect(shown(troubles)).toEqual([])
  })

  it('takes over what another thread told', () => {
    const [there, here] = [new TaskTroubles(), new TaskTroubles()]
    there.note(at(7), error, 10)
    here.replace(there.list())
    expect(here.list()).toEqual(there.list())
    here.replace([])
    expect(here.list()).toEqual([])
  })
})
