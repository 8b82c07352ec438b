import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CountingSource,
  gone,
  MemoryOffsets,
  MemoryWriter,
  runUntil,
  sourceTask,
} from './test-source.ts'

describe('SourceTask, any course of events', () => {
  it('leaves no gap; without an error nothing comes twice', async () => {
    const scenario = fc.record({
      count: fc.integer({ min: 1, max: 60 }),
      perRead: fc.integer({ min: 1, max: 9 }),
      /** Records after which the run is stopped cleanly. */
      stops: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 }),
      /** Reads that fail, by the number of the read. */
      readFailures: fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { maxLength: 4 }),
      storeFailures: fc.uniqueArray(fc.integer({ min: 0, max: 20 }), { maxLength: 4 }),
      /** Turns of the event loop that each write takes. */
      delays: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 8 }),
      flushIntervalMs: fc.constantFrom(0, 60_000),
    })
    await fc.assert(
      fc.asyncProperty(scenario, async one => {
        const offsets = new MemoryOffsets()
        const writer = new MemoryWriter()
        let reads = 0
        let stores = 0
        let writes = 0
        /** The task takes an error of the store for a failure of it: what is wrong is kept here. */
        const passed: number[] = []
        writer.onWrite = async () => {
          const turns = one.delays[writes++ % one.delays.length]!
          for (let i = 0; i < turns; i++) await new Promise(resolve => setImmediate(resolve))
          return []
        }
        offsets.beforeWrite = ([position]) => {
          const next = Number(position!.offset['next'])
          const given = new Set(writer.values)
          for (let n = 0; n < next; n++) if (!given.has(n)) passed.push(n)
          if (one.storeFailures.includes(stores++)) throw new Error('not stored')
        }
        for (const after of [...one.stops, Number.POSITIVE_INFINITY]) {
          const source = new CountingSource(one.count, one.perRead)
          source.beforeRead = () => {
            if (one.readFailures.includes(reads++)) throw gone()
          }
          const { task } = sourceTask(source, writer, offsets, {
            flushIntervalMs: one.flushIntervalMs,
          })
          const isAll = () => new Set(writer.values).size === one.count
          await runUntil(task, () => isAll() || writer.values.length >= after)
        }
        expect(passed).toEqual([])
        expect(new Set(writer.values).size).toBe(one.count)
        if (one.storeFailures.length > 0) return
        // The writer ends its calls in any order; what counts is that each number is there once.
        expect([...writer.values].sort((a, b) => a - b)).toEqual(
          Array.from({ length: one.count }, (_, i) => i),
        )
      }),
      { numRuns: 60 },
    )
  })
})
