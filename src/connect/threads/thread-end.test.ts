import { describe, expect, it } from 'vitest'
import { isScamanderError, ScamanderError } from '../../base/scamander-error.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import { toError, toPlainError } from './plain-error.ts'
import { errorOf } from './thread-end.ts'

const runs = [
  { connector: 'a', task: 0 },
  { connector: 'b', task: 1 },
] as const
const HANGS = { how: 'hangs', silentMs: 10_000 } as const

describe('errorOf', () => {
  it('blames the run whose code was executing, and displaces the others', () => {
    const all = { culprit: runs[0], runs }
    const [own, other] = runs.map(run => errorOf(HANGS, run, all))
    expect(own).toMatchObject({ code: CONNECT_ERRORS.TASK_HANGS.code, kind: 'fatal' })
    expect(own?.message).toMatch(/^task a-0 kept its thread busy for 10 s/)
    expect(other).toMatchObject({ code: CONNECT_ERRORS.THREAD_LOST.code, kind: 'retriable' })
    expect(other?.message).toContain('task a-0')
  })

  it('fails all when nobody knows whose code it was, and names them', () => {
    const end = { how: 'memory', what: 'buffers', limitMb: 64 } as const
    for (const run of runs) {
      const error = errorOf(end, run, { culprit: undefined, runs })
      expect(error.code).toBe(CONNECT_ERRORS.TASK_MEMORY.code)
      expect(error.message).toMatch(/^one of the tasks a-0, b-1 was in a thread .*64 MB/)
    }
  })
})

describe('errors on their way between threads', () => {
  it('keep what the runtime decides by, and their causes', () => {
    const cause = new ScamanderError(CONNECT_ERRORS.TASK_COUNT, 'inner', {
      context: { key: 'tasks.max' },
    })
    const error = new ScamanderError(CONNECT_ERRORS.THREAD_LOST, 'outer', {
      cause,
      stage: 'TASK_PUT',
    })
    const arrived = toError(structuredClone(toPlainError(error)))
    expect(isScamanderError(arrived, 'retriable')).toBe(true)
    expect(arrived).toMatchObject({
      code: error.code,
      message: 'outer',
      stage: 'TASK_PUT',
      advice: error.advice,
      stack: error.stack,
    })
    expect(arrived.cause).toMatchObject({ kind: 'config', context: { key: 'tasks.max' } })
  })

  it('may be anything that can be thrown', () => {
    expect(toError(structuredClone(toPlainError('text')))).toMatchObject({ message: 'text' })
    const endless: Error & { cause?: unknown } = new Error('round')
    endless.cause = endless
    expect(toError(toPlainError(endless)).message).toBe('round')
  })
})
