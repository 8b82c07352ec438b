import { describe, expect, it } from 'vitest'
import type { ProducerRecord } from '../../kafka/index.ts'
import { Logger } from '../../telemetry/index.ts'
import type { StatusRecord } from './status-records.ts'
import { StatusWriter } from './status-writer.ts'

const record = (name: string, generation: number): StatusRecord => ({
  type: 'connector',
  name,
  status: { state: 'RUNNING', trace: undefined, workerId: 'w', generation, version: undefined },
})

/** A topic that holds every write until it is let go. */
function heldTopic() {
  const calls: { records: readonly ProducerRecord[]; end: (error?: Error) => void }[] = []
  const send = (records: readonly ProducerRecord[]) =>
    new Promise<void>((resolve, reject) => {
      calls.push({ records, end: error => (error === undefined ? resolve() : reject(error)) })
    })
  const clock = { nowMs: () => 0, monotonicMs: () => 0, sleep: async () => undefined }
  const writer = new StatusWriter({ topic: 's', send, logger: Logger.silent(), clock })
  const generations = (index: number) =>
    calls[index]!.records.map(one => JSON.parse(one.value!.toString()).generation as number)
  return { writer, calls, generations }
}

const turn = () => new Promise(resolve => setImmediate(resolve))

describe('states on their way', () => {
  it('are replaced by newer ones while an older write is under way', async () => {
    const { writer, calls, generations } = heldTopic()
    writer.put(record('a', 1))
    writer.put(record('a', 2))
    writer.put(record('a', 3))
    writer.put(record('b', 1))
    expect(writer.isNewer(record('a', 0))).toBe(true)
    calls[0]!.end()
    await turn()
    expect([...generations(0), ...generations(1)]).toEqual([1, 3, 1])
    calls[1]!.end()
    await turn()
    expect(writer.isNewer(record('a', 0))).toBe(false)
  })

  it('are written again after a failure, unless a newer one waits', async () => {
    const { writer, calls, generations } = heldTopic()
    writer.put(record('a', 1))
    writer.put(record('b', 1))
    calls[0]!.end(new Error('away'))
    await turn()
    writer.put(record('a', 2))
    calls[1]!.end(new Error('away'))
    await turn()
    expect(generations(1)).toEqual([1, 1])
    expect(generations(2).sort()).toEqual([1, 2])
    calls[2]!.end()
    await turn()
    expect(calls.length).toBe(3)
  })
})
