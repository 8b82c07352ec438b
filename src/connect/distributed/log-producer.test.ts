import { describe, expect, it } from 'vitest'
import type { ProducerRecord } from '../../kafka/index.ts'
import { Logger } from '../../telemetry/index.ts'
import { CONNECT_ERRORS } from '../errors.ts'
import { LogProducer } from './log-producer.ts'

const record = (topic: string): ProducerRecord => ({ topic, key: null, value: null, headers: [] })

function logProducer() {
  const sent: string[] = []
  let made = 0
  const log = new LogProducer(() => {
    made += 1
    const name = made
    return {
      send: async records => {
        for (const { topic } of records) sent.push(`${topic} by ${name}`)
        return { failures: [] }
      },
      close: () => Promise.reject(new Error('a socket')),
    }
  }, Logger.silent())
  return { log, sent }
}

describe('what a worker writes that lost its work', () => {
  it('is states alone, until nothing of the work runs any more', async () => {
    const { log, sent } = logProducer()
    await log.sendPositions([record('offsets')])
    const resume = log.discard()
    const refused = { code: CONNECT_ERRORS.CUT_OFF.code }
    await expect(log.sendPositions([record('offsets')])).rejects.toMatchObject(refused)
    await log.send([record('status')])
    resume()
    await log.sendPositions([record('offsets')])
    expect(sent).toEqual(['offsets by 1', 'status by 2', 'offsets by 2'])
  })

  it('waits for the last of several losses', async () => {
    const { log, sent } = logProducer()
    const [first, second] = [log.discard(), log.discard()]
    first()
    await expect(log.sendPositions([record('offsets')])).rejects.toThrow()
    second()
    await log.sendPositions([record('offsets')])
    expect(sent).toEqual(['offsets by 3'])
  })
})
