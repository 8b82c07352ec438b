import { describe, expect, it } from 'vitest'
import { isScamanderError, ScamanderError } from '../../base/scamander-error.ts'
import { Logger } from '../../telemetry/index.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import type { OffsetEntry, OffsetStore } from './offset-store.ts'
import { RunOffsets } from './run-offsets.ts'

const P = { t: 'a' }

/** Of one connector; its reads can be made to fail or to hang. */
function heldStore() {
  const stored = new Map<string, OffsetEntry>()
  const control = {
    failures: [] as Error[],
    hang: undefined as Promise<void> | undefined,
    reads: 0,
  }
  const read = async () => {
    control.reads += 1
    await control.hang
    const failure = control.failures.shift()
    if (failure !== undefined) throw failure
  }
  const store: OffsetStore = {
    readAll: async () => {
      await read()
      return []
    },
    read: async (_connector, partitions) => {
      await read()
      return partitions.map(one => stored.get(JSON.stringify(one))?.offset ?? undefined)
    },
    write: async (_connector, entries) => {
      for (const one of entries) stored.set(JSON.stringify(one.partition), one)
    },
    close: async () => undefined,
  }
  return { store, control }
}

function runOn(store: OffsetStore) {
  const run = { controller: new AbortController(), isCutOff: false }
  const offsets = new RunOffsets({
    store,
    signal: run.controller.signal,
    isCutOff: () => run.isCutOff,
    logger: Logger.silent(),
    clock: { nowMs: () => 0, monotonicMs: () => 0, sleep: async () => undefined },
  })
  return { run, offsets }
}

describe('the positions of a run', () => {
  it('that was cut off are not stored over those of its successor', async () => {
    const { store } = heldStore()
    const first = runOn(store)
    await first.offsets.write('c', [{ partition: P, offset: { n: 1 } }])
    first.run.controller.abort()
    // A stop in order still stores what was reached.
    await first.offsets.write('c', [{ partition: P, offset: { n: 2 } }])
    first.run.isCutOff = true
    const second = runOn(store)
    await second.offsets.write('c', [{ partition: P, offset: { n: 3 } }])
    const late = first.offsets.write('c', [{ partition: P, offset: { n: 2 } }])
    await expect(late).rejects.toMatchObject({ code: CONNECT_ERRORS.CUT_OFF.code })
    expect(await second.offsets.read('c', [P])).toEqual([{ n: 3 }])
  })

  it('are asked for again while they cannot be read', async () => {
    const { store, control } = heldStore()
    control.failures.push(new ScamanderError(CONNECT_ERRORS.REBALANCE, 'an open transaction'))
    const { offsets } = runOn(store)
    await offsets.write('c', [{ partition: P, offset: { n: 1 } }])
    expect(await offsets.read('c', [P])).toEqual([{ n: 1 }])
    expect(control.reads).toBe(2)
    control.failures.push(new ScamanderError(CONNECT_ERRORS.UNEXPECTED, 'no'))
    await expect(offsets.readAll('c')).rejects.toMatchObject({ message: 'no' })
  })

  it('that were written in a transaction are passed on until the run is cut off', async () => {
    const told: (readonly OffsetEntry[])[] = []
    const { run, offsets } = runOn({
      ...heldStore().store,
      written: async (_connector, entries) => {
        told.push(entries)
      },
    })
    const entries = [{ partition: P, offset: { n: 1 } }]
    await offsets.written('c', entries)
    run.isCutOff = true
    await offsets.written('c', entries)
    expect(told).toEqual([entries])
  })

  it('are waited for no longer than the run', async () => {
    const { store, control } = heldStore()
    control.hang = new Promise(() => undefined)
    const { run, offsets } = runOn(store)
    const reading = offsets.readAll('c')
    run.controller.abort()
    const error = await reading.catch((thrown: unknown) => thrown)
    expect(isScamanderError(error, 'cancelled')).toBe(true)
  })
})
