import { describe, expect, it } from 'vitest'
import type { FlowCounters, FlowTrouble, FlowWait } from '../../api-v1-home.ts'
import { heldOf, isWaiting } from './held.ts'
import { rateText } from './home-model.ts'

const since = '2026-01-02T14:02:31.000Z'
const trouble: FlowTrouble = {
  ...{ task: 0, record: 't-0@1', since, code: 'C', message: 'm' },
  ...{ advice: 'a', isRecord: true, attempts: 2 },
}
const wait: FlowWait = { task: 0, server: 'Cassandra', node: 'n', since, inFlight: 3 }
const counters = (of: Partial<FlowCounters>): FlowCounters => ({
  ...{ name: 'a', read: 0, written: 0, lag: 3, failed: 0, deadLetters: 0, troubles: [], waits: [] },
  ...of,
})

describe('what holds up a connector', () => {
  it.each([
    [counters({}), undefined],
    [counters({ troubles: [trouble] }), /^Retrying: 1 record since \d\d:02$/],
    [counters({ troubles: [trouble, trouble] }), /^Retrying: 2 records since \d\d:02$/],
    [counters({ troubles: [trouble], waits: [wait] }), /^Waiting for Cassandra since \d\d:02$/],
  ])('%#', (one, expected) => {
    const text = heldOf('RUNNING', one)?.text
    if (expected === undefined) expect(text).toBeUndefined()
    else expect(text).toMatch(expected)
    expect(heldOf('FAILED', one)).toBeUndefined()
  })

  it('is never called idle', () => {
    const held = heldOf('RUNNING', counters({ waits: [wait] }))
    expect(rateText(0, isWaiting('RUNNING', held, 0))).toBe('waiting')
    expect(rateText(0, isWaiting('RUNNING', undefined, 3))).toBe('waiting')
    expect(rateText(0, isWaiting('RUNNING', undefined, 0))).toBe('idle')
    expect(rateText(0, isWaiting('PAUSED', undefined, 3))).toBe('idle')
    expect(rateText(0, isWaiting('RUNNING', undefined, undefined))).toBe('idle')
  })
})
