import { describe, expect, it } from 'vitest'
import { readProperties, sourceOf } from '../config/index.ts'
import { Logger } from '../telemetry/index.ts'
import { overrideProblems, taskClientSettings, workerClientSettings } from './client-properties.ts'

const logger = Logger.silent()
const settings = (
  connector: Record<string, string>,
  worker: Record<string, string> = {},
  builtIn: Record<string, string> = {},
) => {
  const owner = { connector: sourceOf(connector), worker: sourceOf(worker) }
  return taskClientSettings('consumer', builtIn, owner, logger)
}

describe('client settings of a task', () => {
  it('come from the built-in ones, the worker, the connector: later wins', () => {
    const builtIn = { 'group.id': 'built-in', 'client.id': 'c', 'max.poll.records': '1' }
    expect(settings({}, {}, builtIn).consumer.groupId).toBe('built-in')
    const worker = { 'consumer.group.id': 'worker', 'consumer.max.poll.records': '2' }
    const merged = settings({ 'consumer.override.group.id': 'own' }, worker, builtIn)
    expect(merged.consumer).toMatchObject({ groupId: 'own', pollRecordsMax: 2 })
    expect(merged.connection.clientId).toBe('c')
  })

  it('use the servers of the worker, unless the connector names some', () => {
    const worker = { 'bootstrap.servers': 'w:1' }
    expect(settings({}, worker).connection.bootstrapServers).toEqual([{ host: 'w', port: 1 }])
    const own = settings({ 'bootstrap.servers': 'c:2' }, worker)
    expect(own.connection.bootstrapServers).toEqual([{ host: 'c', port: 2 }])
  })

  it("do not take the worker's own security settings", () => {
    const worker = { 'security.protocol': 'SSL' }
    expect(settings({}, worker).connection.tls).toBeUndefined()
    expect(workerClientSettings(sourceOf(worker), {}).connection.tls).toBeDefined()
  })
})

describe('overrides', () => {
  const problems = (connector: string, worker = '') =>
    overrideProblems({ connector: readProperties(connector), worker: readProperties(worker) }).map(
      ({ severity, key, message, location }) => [severity, location?.line, key, message],
    )

  it('are all checked, each at its line', () => {
    const found = problems(
      'consumer.override.max.poll.records=few\nconsumer.override.nothing=1\n' +
        'consumer.override.auto.offset.reset=middle\nproducer.override.acks=some\n',
    )
    expect(found.sort((a, b) => Number(a[1]) - Number(b[1]))).toEqual([
      [
        'error',
        1,
        'consumer.override.max.poll.records',
        'consumer.override.max.poll.records: expected a number from 1 to 2147483647, found "few"',
      ],
      ['warning', 2, 'consumer.override.nothing', expect.stringContaining('is ignored')],
      [
        'error',
        3,
        'consumer.override.auto.offset.reset',
        expect.stringContaining('found "middle"'),
      ],
      ['error', 4, 'producer.override.acks', expect.stringContaining('found "some"')],
    ])
  })

  it.each([
    ['All', []],
    ['None', ['max.poll.records', 'sasl.mechanism']],
    ['Principal', ['max.poll.records']],
    [
      'org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy',
      ['max.poll.records', 'sasl.mechanism'],
    ],
  ])('under the policy %s', (policy, refused) => {
    const text = 'consumer.override.max.poll.records=5\nconsumer.override.sasl.mechanism=PLAIN\n'
    const found = problems(text, `connector.client.config.override.policy=${policy}\n`)
    expect(found.map(([, , key]) => key)).toEqual(refused.map(key => `consumer.override.${key}`))
    for (const [, , , message] of found) expect(message).toMatch(/policy does not allow '.*' to be/)
  })
})
