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

/** What is written is visible with the positions behind it, or never. */
class Transactions extends MemoryWriter {
  readonly visible: number[] = []

  commit(): void {
    this.visible.push(...this.values.splice(0))
  }

  /** As the broker does when another run opens the transactional id. */
  abort(): void {
    this.values.splice(0)
  }
}

describe('SourceTask with transactions, any course of events', () => {
  it('gives every record exactly once', async () => {
    const scenario = fc.record({
      count: fc.integer({ min: 1, max: 60 }),
      perRead: fc.integer({ min: 1, max: 9 }),
      intervalMs: fc.constantFrom(0, 1, 60_000),
      /** What fails, by the number of the call. */
      reads: fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 4 }),
      writes: fc.uniqueArray(fc.integer({ min: 0, max: 30 }), { maxLength: 4 }),
      /** True: the transaction ended, but the answer was lost. */
      commits: fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.boolean()), {
        maxLength: 4,
        selector: ([call]) => call,
      }),
    })
    await fc.assert(
      fc.asyncProperty(scenario, async one => {
        const offsets = new MemoryOffsets()
        const writer = new Transactions()
        const calls = { read: 0, write: 0, commit: 0 }
        writer.onWrite = async numbers => {
          if (!one.writes.includes(calls.write++)) return []
          return [{ index: numbers.length - 1, error: gone() }]
        }
        const store = offsets.write.bind(offsets)
        offsets.write = async positions => {
          const failure = one.commits.find(([call]) => call === calls.commit)
          calls.commit += 1
          if (failure?.[1] === false) throw gone()
          await store(positions)
          writer.commit()
          if (failure?.[1] === true) throw gone()
        }
        // Every failure of a write or commit ends the run; the next begins where it stands.
        for (let run = 0; run < 20 && writer.visible.length < one.count; run++) {
          const source = new CountingSource(one.count, one.perRead)
          source.beforeRead = () => {
            if (one.reads.includes(calls.read++)) throw gone()
          }
          const { task } = sourceTask(source, writer, offsets, {
            boundary: { intervalMs: one.intervalMs },
          })
          await runUntil(task, () => writer.visible.length >= one.count).catch(() => undefined)
          writer.abort()
        }
        expect(writer.visible).toEqual(Array.from({ length: one.count }, (_, i) => i))
      }),
      { numRuns: 60 },
    )
  })
})
