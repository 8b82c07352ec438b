import { describe, expect, it } from 'vitest'
import { Logger } from '../../telemetry/index.ts'
import { ConfigState } from './config-state.ts'
import { LocalWork, type LocalWorkParts } from './local-work.ts'
import { StatusBoard } from './status-board.ts'
import type { StatusRecord, UnitStatus } from './status-records.ts'
import { NO_WORK, shareOf } from './work-share.ts'

const OWN = '127.0.0.1:1'
const GENERATION = 7

/** With one connector that is STOPPED: it has a state, and nothing of it runs. */
function owner() {
  const config = new ConfigState()
  config.apply({ type: 'target', name: 'c', target: 'STOPPED' })
  config.apply({ type: 'connector', name: 'c', settings: {} })
  const put: StatusRecord[] = []
  const parts: Partial<LocalWorkParts> = {
    config,
    board: new StatusBoard(),
    logger: Logger.silent(),
    putStatus: record => put.push(record),
    workerId: () => OWN,
    released: () => undefined,
  }
  const work = new LocalWork(parts as LocalWorkParts)
  work.follow(shareOf(['c'], []), NO_WORK, GENERATION)
  return { work, put }
}

const status = (workerId: string, generation: number): UnitStatus => ({
  state: 'UNASSIGNED',
  trace: undefined,
  workerId,
  generation,
  version: undefined,
})
const read = (one: UnitStatus | undefined) =>
  ({ type: 'connector', name: 'c', status: one }) as const

describe('states of an earlier owner that come late', () => {
  it.each([
    ['of an earlier generation', status('127.0.0.1:2', GENERATION - 1), 2],
    ['that are removed', undefined, 2],
    ['of a later owner', status('127.0.0.1:2', GENERATION), 1],
    ['of this worker', status(OWN, GENERATION - 1), 1],
  ])('%s', (_what, late, writes) => {
    const { work, put } = owner()
    expect(put).toMatchObject([{ status: { state: 'STOPPED', workerId: OWN } }])
    work.sawStatus(read(late))
    expect(put.length).toBe(writes)
    expect(put.at(-1)).toEqual(put[0])
  })

  it('are left alone by a worker that has the unit no more', () => {
    const { work, put } = owner()
    work.follow(NO_WORK, NO_WORK, GENERATION + 1)
    const count = put.length
    work.sawStatus(read(status('127.0.0.1:2', GENERATION - 1)))
    expect(put.length).toBe(count)
  })
})
