import { describe, expect, it } from 'vitest'
import { Logger, MetricRegistry } from '../../telemetry/index.ts'
import type { ConnectorPlan } from '../task-plan.ts'
import { TaskUnit, type TaskUnitParts, type TaskWish } from './task-unit.ts'

const WISH: TaskWish = { own: {}, connector: {}, isPaused: false, restarts: 0 }

/** A unit whose earlier runs are never fenced: the coordinator does not answer. */
function heldUnit() {
  const calls = { fences: 0, starts: 0 }
  const parts: Partial<TaskUnitParts> = {
    connector: 'c',
    task: 0,
    logger: Logger.silent(),
    registry: new MetricRegistry(),
    shutdownTimeoutMs: 1_000,
    plan: () => ({ kind: 'source' }) as ConnectorPlan,
    beforeStart: () => {
      calls.fences += 1
      return new Promise(() => undefined)
    },
    runs: {
      build: () => {
        calls.starts += 1
        return undefined
      },
    },
    stateChanged: () => undefined,
    usesTopic: () => undefined,
    noteOf: () => undefined,
    countStart: () => undefined,
  }
  return { unit: new TaskUnit(parts as TaskUnitParts), calls }
}

describe('a task that waits for earlier runs to be fenced', () => {
  it('stops at once', async () => {
    const { unit, calls } = heldUnit()
    unit.want(WISH)
    unit.want(undefined)
    await unit.stopped()
    expect(calls).toEqual({ fences: 1, starts: 0 })
  })

  it('is cut off at once', async () => {
    const { unit, calls } = heldUnit()
    unit.want(WISH)
    await unit.cutOff()
    expect(calls.starts).toBe(0)
  })

  it('follows a newer wish, which waits as well', async () => {
    const { unit, calls } = heldUnit()
    unit.want(WISH)
    unit.want({ ...WISH, own: {} })
    await new Promise(resolve => setImmediate(resolve))
    expect(calls).toEqual({ fences: 2, starts: 0 })
    unit.want(undefined)
    await unit.stopped()
  })
})
