/** The keys jmx, jmxConnectorDomain and metricsHighestLatency, and the names of the beans. */
import { describe, expect, it } from 'vitest'
import { sourceOf } from '../../config/index.ts'
import { JmxRegistry, MetricRegistry } from '../../telemetry/index.ts'
import { parseDatastaxSink } from './datastax/config.ts'
import { TableMetrics } from './metrics.ts'
import { SinkBeans } from './sink-beans.ts'

const DOMAIN = 'com.datastax.oss.kafka.sink'
const OF = { topic: 'my.topic', keyspace: 'ks', table: 'T 1' }

function beansOf(config: Record<string, string> = {}, registry = new JmxRegistry()) {
  const base = { name: 'c', topics: 't', 'topic.t.ks.tb.mapping': 'k=key' }
  const { settings } = parseDatastaxSink(sourceOf({ ...base, ...config }))
  return { registry, beans: new SinkBeans(registry, 'c', settings.jmx) }
}

const names = (registry: JmxRegistry) => registry.read().map(({ name }) => name)

describe('SinkBeans', () => {
  it('publishes the names of the reference', () => {
    const { registry, beans } = beansOf()
    beans.ofTable(OF)
    beans.observer()
    const table = `${DOMAIN}:connector=c,topic="my.topic",keyspace=ks,table="T 1"`
    expect(names(registry)).toEqual([
      `${DOMAIN}:connector=c,driver=driver,session=s0,name=cql-client-timeouts`,
      `${DOMAIN}:connector=c,driver=driver,session=s0,name=cql-requests`,
      `${DOMAIN}:connector=c,name=failedRecordsWithUnknownTopic`,
      `${table},name=batchSize`,
      `${table},name=batchSizeInBytes`,
      `${table},name=failedRecordCount`,
      `${table},name=recordCount`,
    ])
  })

  it('jmx=false publishes nothing', () => {
    const { registry, beans } = beansOf({ jmx: 'false' })
    expect(beans.ofTable(OF)).toBeUndefined()
    expect(beans.observer()).toBeUndefined()
    expect(beans.unknownTopic).toBeUndefined()
    expect(names(registry)).toEqual([])
  })

  it('jmxConnectorDomain begins every name', () => {
    const { registry, beans } = beansOf({ jmxConnectorDomain: 'com.datastax.kafkaconnector' })
    beans.ofTable(OF)
    beans.observer()
    expect(names(registry)).toHaveLength(7)
    for (const name of names(registry)) expect(name).toMatch(/^com\.datastax\.kafkaconnector:/)
  })

  it.each([
    ['2', 2_000],
    ['50', 9_000],
  ])('metricsHighestLatency=%s shows 9 s as %d ms', (seconds, expected) => {
    const { registry, beans } = beansOf({ metricsHighestLatency: seconds })
    beans.observer()!.onWritten(9_000, performance.now())
    const [, requests] = registry.read(`${DOMAIN}:connector=c,driver=`)
    const max = requests!.attributes['Max']!
    expect(Math.abs(max - expected)).toBeLessThan(expected * 0.008)
  })

  it('only the session metrics that are named', () => {
    const key = 'datastax-java-driver.advanced.metrics.session.enabled'
    const { registry, beans } = beansOf({ [key]: 'bytes-sent,cql-client-timeouts' })
    beans.observer()!.onTimeout()
    const [timeouts, ...others] = registry.read(`${DOMAIN}:connector=c,driver=`)
    expect(others).toEqual([])
    expect(timeouts).toEqual({
      name: `${DOMAIN}:connector=c,driver=driver,session=s0,name=cql-client-timeouts`,
      attributes: { Count: 1 },
    })
    expect(beansOf({ [key]: 'bytes-sent' }).beans.observer()).toBeUndefined()
  })
})

describe('TableMetrics', () => {
  it('feeds beans: requests, one size per statement, records, failures', () => {
    const { registry, beans } = beansOf()
    const metrics = new TableMetrics({ registry: new MetricRegistry(), connector: 'c', beans }, OF)
    metrics.observeRequest(4, 402, performance.now())
    metrics.observeRequest(1, 60, performance.now())
    metrics.addRecords(5)
    metrics.addFailed()
    const found = registry.read(`${DOMAIN}:connector=c,topic=`)
    const shown = found.map(({ name, attributes }) => {
      const { Count, Min = '', Max = '' } = attributes
      return [name.split(',name=')[1], Count, Min, Max].join(' ').trim()
    })
    expect(shown).toEqual([
      'batchSize 2 1 4',
      'batchSizeInBytes 5 60 101',
      'failedRecordCount 1',
      'recordCount 5',
    ])
  })
})
