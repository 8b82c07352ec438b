/** What speaks against capturing a table; how nodes and tables are altered is tested on real nodes. */
import { expect, it } from 'vitest'
import { prepareTable } from './channel-preparation.ts'
import type { TableFacts } from './source-cluster.ts'

const request = { keyspace: 'ks', table: 't', destination: 'd' }

function prepare(replication: Record<string, string>, ...dataCenters: string[]) {
  const facts: TableFacts = { isCdc: true, isCounter: true, replication }
  const cluster = { table: async () => facts, enableCdc: async () => undefined }
  const place = { dataCenter: 'dc1', dataCenters: new Set(dataCenters) }
  return (isForCassandra = false) => prepareTable(cluster, request, { ...place, isForCassandra })
}

it('takes a keyspace whose replicas in the data centre log all changes', async () => {
  const simple = { class: 'org.apache.cassandra.locator.SimpleStrategy', replication_factor: '1' }
  await expect(prepare(simple, 'dc1')()).resolves.toEqual([])
  await expect(prepare(simple, 'dc1', 'dc2')()).rejects.toThrow(/anywhere in dc1 and dc2/)
  const named = { class: 'org.apache.cassandra.locator.NetworkTopologyStrategy', dc2: '3' }
  await expect(prepare(named, 'dc1', 'dc2')()).rejects.toThrow(/no replicas in data center dc1/)
  await expect(prepare({ ...named, dc1: '1' }, 'dc1', 'dc2')()).resolves.toEqual([])
})

it('leaves counters to destinations in Kafka', async () => {
  await expect(prepare({}, 'dc1')(true)).rejects.toThrow(/counters/)
})
