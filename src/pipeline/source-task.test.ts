import { describe, expect, it } from 'vitest'
import { ScamanderError } from '../base/scamander-error.ts'
import { SchemaNeeded } from '../flow/index.ts'
import {
  bad,
  CountingSource,
  dropping,
  gone,
  MemoryOffsets,
  MemoryWriter,
  runUntil,
  SOURCE_TEST_ERRORS,
  sourceTask,
  textConverter,
} from './test-source.ts'

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)
const all = { tolerance: 'all', retryDelayMaxMs: 60_000, logErrors: true } as const

describe('SourceTask', () => {
  it('produces in order and stores the position afterwards', async () => {
    const source = new CountingSource(100, 7)
    const writer = new MemoryWriter()
    const offsets = new MemoryOffsets()
    const ahead: number[] = []
    offsets.beforeWrite = ([position]) => {
      const next = Number(position!.offset['next'])
      if (writer.values.length < next) ahead.push(next)
    }
    const { task, metrics } = sourceTask(source, writer, offsets)
    await runUntil(task, () => offsets.next === 100)
    expect(ahead).toEqual([])
    expect(writer.values).toEqual(upTo(100))
    expect(source.committed.at(-1)?.offset).toEqual({ next: 100 })
    expect(metrics.counters).toMatchObject({ polled: 100, written: 100, failed: 0, skipped: 0 })
    expect(metrics.active).toBe(0)
    expect(writer.isClosed).toBe(true)
  })

  it('stores no position past a batch that is still under way', async () => {
    const source = new CountingSource(30, 10)
    const writer = new MemoryWriter()
    const offsets = new MemoryOffsets()
    let release: (() => void) | undefined
    writer.onWrite = async numbers => {
      if (numbers[0] === 0) await new Promise<void>(resolve => (release = resolve))
      return []
    }
    const { task } = sourceTask(source, writer, offsets)
    let turns = 0
    await runUntil(task, () => {
      // The two batches behind it are written; there is time enough to store a position.
      if (writer.values.length === 20 && turns++ > 20) release?.()
      if (writer.values.length <= 20) expect(offsets.next).toBe(0)
      return offsets.next === 30
    })
    expect(offsets.next).toBe(30)
  })

  it('counts the records of each transaction', async () => {
    const offsets = new MemoryOffsets()
    const source = new CountingSource(25, 10)
    const boundary = { intervalMs: 0 }
    const made = sourceTask(source, new MemoryWriter(), offsets, { boundary })
    expect(made.metrics.transactions).toMatchObject({ count: 0, min: 0, max: 0, average: 0 })
    await runUntil(made.task, () => offsets.next === 25)
    const { count, sum, min, max } = made.metrics.transactions
    expect({ count, sum, min, max }).toEqual({ count: 3, sum: 25, min: 5, max: 10 })
  })

  it('holds reading back at its limit of records', async () => {
    const source = new CountingSource(1000, 10)
    const writer = new MemoryWriter()
    let most = 0
    const limits = { recordsMax: 30, bytesMax: 1e9 }
    const { task, metrics } = sourceTask(source, writer, new MemoryOffsets(), { limits })
    writer.onWrite = async () => {
      most = Math.max(most, metrics.active)
      await new Promise(resolve => setTimeout(resolve, 1))
      return []
    }
    await runUntil(task, () => writer.values.length === 1000)
    expect(most).toBeLessThanOrEqual(30)
    expect(most).toBeGreaterThan(10)
  })

  it('opens the source again at the stored position after it lost its servers', async () => {
    const source = new CountingSource(50, 5)
    const writer = new MemoryWriter()
    const offsets = new MemoryOffsets()
    let failures = 0
    source.beforeRead = next => {
      if (next === 20 && failures++ < 3) throw gone()
    }
    const { task, metrics } = sourceTask(source, writer, offsets)
    await runUntil(task, () => offsets.next === 50)
    expect(writer.values).toEqual(upTo(50))
    expect(source.opens).toBe(4)
    expect(metrics.counters.reopens).toBe(3)
  })

  it('fails with any other error of the source, its position stored', async () => {
    const source = new CountingSource(50, 5)
    const offsets = new MemoryOffsets()
    source.beforeRead = next => {
      if (next === 20) throw new ScamanderError(SOURCE_TEST_ERRORS.WRONG, 'no such column')
    }
    const { task } = sourceTask(source, new MemoryWriter(), offsets)
    await expect(task.run(new AbortController().signal)).rejects.toThrow('no such column')
    expect(offsets.next).toBe(20)
  })

  it('fails on a record that cannot be converted, and passes nothing', async () => {
    const value = { ...textConverter, encode: failing('v13') }
    const offsets = new MemoryOffsets()
    const { task } = sourceTask(new CountingSource(50, 5), new MemoryWriter(), offsets, { value })
    await expect(task.run(new AbortController().signal)).rejects.toThrow(
      'Tolerance exceeded in error handler (VALUE_CONVERTER): bad',
    )
    expect(offsets.next).toBe(10)
  })

  it('skips, counts and logs such a record when errors are tolerated', async () => {
    const value = { ...textConverter, encode: failing('v13') }
    const writer = new MemoryWriter()
    const offsets = new MemoryOffsets()
    const made = sourceTask(new CountingSource(50, 5), writer, offsets, { value, policy: all })
    await runUntil(made.task, () => offsets.next === 50)
    expect(writer.values).toEqual(upTo(50).filter(n => n !== 13))
    expect(made.metrics.counters).toMatchObject({ failed: 1, skipped: 1, written: 49 })
    expect(made.logs.join('\n')).toContain(
      "Error encountered in task c-0. Executing stage 'VALUE_CONVERTER' with class 'TextConverter'.",
    )
    expect(made.logs.join('\n')).not.toContain('v13')
  })

  it('skips a record that Kafka refuses when errors are tolerated, else fails', async () => {
    const refuse = (writer: MemoryWriter) => {
      writer.onWrite = async numbers =>
        numbers.flatMap((n, index) => (n === 7 ? [{ index, error: bad('too large') }] : []))
      return writer
    }
    const offsets = new MemoryOffsets()
    const tolerant = sourceTask(new CountingSource(20, 5), refuse(new MemoryWriter()), offsets, {
      policy: all,
    })
    await runUntil(tolerant.task, () => offsets.next === 20)
    expect(tolerant.metrics.counters.skipped).toBe(1)
    const strict = sourceTask(
      new CountingSource(20, 5),
      refuse(new MemoryWriter()),
      new MemoryOffsets(),
    )
    await expect(strict.task.run(new AbortController().signal)).rejects.toThrow(
      'Tolerance exceeded in error handler (KAFKA_PRODUCE): too large',
    )
  })

  it('never skips because the cluster refuses to be written to', async () => {
    const writer = new MemoryWriter()
    const refused = new ScamanderError(SOURCE_TEST_ERRORS.WRONG, 'not authorized')
    writer.onWrite = async () => [{ index: 0, error: refused }]
    const offsets = new MemoryOffsets()
    const { task } = sourceTask(new CountingSource(20, 5), writer, offsets, { policy: all })
    await expect(task.run(new AbortController().signal)).rejects.toThrow('not authorized')
    expect(offsets.next).toBe(0)
  })

  it('moves past records that a transform drops', async () => {
    const writer = new MemoryWriter()
    const offsets = new MemoryOffsets()
    const transforms = [dropping(record => Number(String(record.value).slice(1)) % 2 === 1)]
    const { task } = sourceTask(new CountingSource(20, 5), writer, offsets, { transforms })
    await runUntil(task, () => offsets.next === 20)
    expect(writer.values).toEqual(upTo(20).filter(n => n % 2 === 0))
  })

  it.each([
    ['all', { failed: 3, skipped: 3, written: 17 }],
    ['none', 'Tolerance exceeded in error handler (VALUE_CONVERTER)'],
  ] as const)(
    'gives up schemas after errors.retry.timeout, tolerance %s',
    async (tolerance, told) => {
      const need = new SchemaNeeded('s', async () => {
        throw gone()
      })
      const encode = (...args: Parameters<typeof textConverter.encode>) => {
        if (/^v.*3$|^v5/.test(String(args[2]))) throw need
        return textConverter.encode(...args)
      }
      const value = { ...textConverter, encode }
      const offsets = new MemoryOffsets()
      const { task, metrics } = sourceTask(new CountingSource(20, 6), new MemoryWriter(), offsets, {
        value,
        policy: { ...all, tolerance },
        retry: { timeoutMs: 20, delayMaxMs: 5 },
      })
      const ended = runUntil(task, () => offsets.next === 20)
      if (typeof told === 'string') await expect(ended).rejects.toThrow(told)
      else {
        await ended
        expect(metrics.counters).toMatchObject(told)
      }
    },
  )

  it('applies transforms once although a schema is fetched in between', async () => {
    let isThere = false
    const need = new SchemaNeeded('s', async () => {
      isThere = true
    })
    const value = {
      ...textConverter,
      encode: (...args: Parameters<typeof textConverter.encode>) => {
        if (!isThere) throw need
        return textConverter.encode(...args)
      },
    }
    let applied = 0
    const transforms = [dropping(() => applied++ < 0)]
    const writer = new MemoryWriter()
    const offsets = new MemoryOffsets()
    const { task } = sourceTask(new CountingSource(10, 5), writer, offsets, { value, transforms })
    await runUntil(task, () => offsets.next === 10)
    expect(writer.values).toEqual(upTo(10))
    expect(applied).toBe(10)
  })

  it('keeps positions that could not be stored for the next time', async () => {
    const offsets = new MemoryOffsets()
    let failures = 0
    offsets.beforeWrite = () => {
      if (failures++ < 3) throw new Error('disk full')
    }
    const { task, metrics } = sourceTask(new CountingSource(20, 5), new MemoryWriter(), offsets)
    await runUntil(task, () => offsets.next === 20)
    expect(metrics.counters.commitFailures).toBe(3)
  })

  it('reads nothing while paused, and stores what was accepted', async () => {
    const source = new CountingSource(1000, 1)
    const writer = new MemoryWriter()
    const offsets = new MemoryOffsets()
    const { task } = sourceTask(source, writer, offsets, { flushIntervalMs: 60_000 })
    const stop = new AbortController()
    const running = task.run(stop.signal)
    while (writer.values.length < 10) await new Promise(resolve => setImmediate(resolve))
    await task.pause()
    const count = writer.values.length
    expect(offsets.next).toBeGreaterThanOrEqual(count - 1)
    for (let i = 0; i < 20; i++) await new Promise(resolve => setImmediate(resolve))
    expect(writer.values.length).toBeLessThanOrEqual(count + 1)
    task.resume()
    while (writer.values.length < 1000) await new Promise(resolve => setImmediate(resolve))
    stop.abort()
    await running
    expect(offsets.next).toBe(1000)
  })
})

function failing(text: string) {
  return (...args: Parameters<typeof textConverter.encode>) => {
    if (args[2] === text) throw bad()
    return textConverter.encode(...args)
  }
}
