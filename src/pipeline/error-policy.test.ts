import { describe, expect, it } from 'vitest'
import { declareErrors, type ErrorKind, ScamanderError } from '../base/scamander-error.ts'
import type { Failure } from '../flow/index.ts'
import { type ErrorPolicy, judgePutFailure } from './error-policy.ts'

const KINDS = ['data', 'retriable', 'disconnected', 'cancelled'] as const
const CODES = declareErrors('test', {
  data: { kind: 'data', summary: '', advice: '' },
  retriable: { kind: 'retriable', summary: '', advice: '' },
  disconnected: { kind: 'disconnected', summary: '', advice: '' },
  cancelled: { kind: 'cancelled', summary: '', advice: '' },
})

function failure(kind: ErrorKind, origin: Failure['origin']): Failure {
  return { index: 0, origin, error: new ScamanderError(CODES[kind as (typeof KINDS)[number]], '') }
}

const policy = (more: Partial<ErrorPolicy>): ErrorPolicy => ({
  tolerance: 'none',
  hasDeadLetters: false,
  logErrors: false,
  logMessages: false,
  mapping: 'rewind',
  driver: 'rewind',
  attemptsMax: 0,
  ...more,
})

describe('judgePutFailure', () => {
  it.each(['skip', 'fail', 'rewind'] as const)(
    'a write that we ended ourselves is done again under %s: a stop loses nothing',
    answer => {
      const ended = failure('cancelled', 'driver')
      expect(judgePutFailure(policy({ driver: answer }), ended, 99)).toBe('rewind')
    },
  )

  it('counts down RETRY, for ever with 0 (checklist 10)', () => {
    const retry = policy({ attemptsMax: 3, coversOutages: true })
    for (const kind of ['data', 'retriable', 'disconnected'] as const) {
      const verdicts = [1, 2, 3].map(attempt =>
        judgePutFailure(retry, failure(kind, 'driver'), attempt),
      )
      expect(verdicts).toEqual(['rewind', 'rewind', 'fail'])
    }
    expect(judgePutFailure(policy({}), failure('data', 'driver'), 1_000_000)).toBe('rewind')
  })

  it('an outage is no attempt unless the policy covers it', () => {
    const away = failure('disconnected', 'driver')
    expect(judgePutFailure(policy({ attemptsMax: 3 }), away, 1_000)).toBe('rewind')
  })

  it('dead letters are asked before the policy, for records that cannot be mapped', () => {
    const letters = policy({
      hasDeadLetters: true,
      tolerance: 'all',
      mapping: 'fail',
      driver: 'fail',
    })
    expect(judgePutFailure(letters, failure('data', 'mapping'), 1)).toBe('dead-letter')
    expect(judgePutFailure(letters, failure('data', 'driver'), 1)).toBe('fail')
  })
})
