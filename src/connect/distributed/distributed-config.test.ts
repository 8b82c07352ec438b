import { describe, expect, it } from 'vitest'
import { sourceOf } from '../../config/index.ts'
import { parseDistributed } from './distributed-config.ts'

const STRING = 'org.apache.kafka.connect.storage.StringConverter'
const SETTINGS = {
  'group.id': 'g',
  'key.converter': STRING,
  'value.converter': STRING,
  'config.storage.topic': 'c',
  'offset.storage.topic': 'o',
  'status.storage.topic': 's',
}

describe('the properties of a worker of a cluster', () => {
  it('have the defaults of Kafka Connect', () => {
    const { settings, warnings } = parseDistributed(sourceOf(SETTINGS))
    expect(warnings).toEqual([])
    expect(settings).toMatchObject({
      sessionTimeoutMs: 10_000,
      heartbeatMs: 3_000,
      rebalanceTimeoutMs: 60_000,
      rebalanceDelayMs: 300_000,
      offsetPartitions: 25,
      statusPartitions: 5,
      configReplication: 3,
      verificationAlgorithms: ['HmacSHA256'],
    })
  })

  it('keep unknown keys and warn of them', () => {
    const { worker, warnings } = parseDistributed(
      sourceOf({ ...SETTINGS, 'sesion.timeout.ms': '1' }),
    )
    expect(worker.source.entries.get('sesion.timeout.ms')?.value).toBe('1')
    expect(warnings.map(one => one.key)).toEqual(['sesion.timeout.ms'])
  })

  it.each([
    ['group.id', undefined, 'group.id'],
    ['heartbeat.interval.ms', '6000', 'at most half of session.timeout.ms'],
    ['inter.worker.key.generation.algorithm', 'MD5', 'found MD5'],
    ['inter.worker.verification.algorithms', 'HmacSHA512', 'found HmacSHA256'],
    ['bootstrap.servers', 'nowhere', 'nowhere'],
    ['config.storage.topic', ' ', 'expected the name of a topic of its own, found nothing'],
    ['status.storage.topic', 'c', 'topic of its own, found c, as in config.storage.topic'],
  ])('%s=%s is refused', (key, value, message) => {
    const { [key]: _, ...rest }: Record<string, string> = SETTINGS
    const given = value === undefined ? rest : { ...SETTINGS, [key]: value }
    expect(() => parseDistributed(sourceOf(given))).toThrow(message)
  })

  it('are told once each, those of the clients too', () => {
    const given = { ...SETTINGS, 'session.timeout.ms': 'abc' }
    expect(() => parseDistributed(sourceOf(given))).toThrow(
      expect.objectContaining({
        problems: [expect.objectContaining({ key: 'session.timeout.ms' })],
      }),
    )
  })
})
