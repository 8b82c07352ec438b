import { describe, expect, it } from 'vitest'
import { SOURCE, TARGET } from '../cluster.ts'
import { STATUS, type Status } from '../request/dual-request.ts'
import { decide } from './decide.ts'

const { OK, ERROR, LOST, TIMED_OUT, SKIPPED } = STATUS
const answer = (cluster: 0 | 1) => ({ kind: 'answer', cluster })

describe('writes on both clusters', () => {
  it.each<[Status, Status, unknown, unknown]>([
    [OK, OK, answer(TARGET), answer(TARGET)],
    [OK, ERROR, answer(SOURCE), answer(TARGET)],
    [ERROR, OK, answer(SOURCE), answer(SOURCE)],
    [ERROR, ERROR, answer(SOURCE), answer(SOURCE)],
    [OK, LOST, answer(SOURCE), { kind: 'timeout' }],
    [OK, TIMED_OUT, answer(SOURCE), { kind: 'timeout' }],
    [TIMED_OUT, OK, { kind: 'timeout' }, { kind: 'timeout' }],
    [OK, SKIPPED, answer(SOURCE), answer(SOURCE)],
    [LOST, SKIPPED, { kind: 'timeout' }, { kind: 'timeout' }],
  ])('source %s, target %s', (source, target, logged, failed) => {
    const input = { status: [source, target] as const, answerFrom: TARGET as 0 | 1, awaited: 3 }
    expect(decide(input, { isFailing: false, primary: TARGET })).toMatchObject(logged as object)
    expect(decide(input, { isFailing: true, primary: TARGET })).toMatchObject(failed as object)
  })
})

describe('requests for one cluster', () => {
  it('follow that cluster, whatever the policy', () => {
    const status = [STATUS.NONE, ERROR] as const
    const input = { status, answerFrom: TARGET as 0 | 1, awaited: 2 }
    expect(decide(input, { isFailing: true, primary: SOURCE })).toEqual(answer(TARGET))
  })

  it('source only, target in the background', () => {
    const status = [OK, STATUS.WAITING] as const
    const input = { status, answerFrom: SOURCE as 0 | 1, awaited: 1 }
    expect(decide(input, { isFailing: true, primary: TARGET })).toEqual(answer(SOURCE))
  })
})
