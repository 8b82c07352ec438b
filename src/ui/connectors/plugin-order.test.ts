import { expect, it } from 'vitest'
import type { PluginInfo } from '../../api.ts'
import { inOrder } from './plugin-order.ts'

it('offers what most people want first and older names last', () => {
  const names = [
    'com.datastax.kafkaconnector.DseSinkConnector',
    'com.acme.Other',
    'io.lenses.streamreactor.connect.cassandra.CassandraSinkConnector',
    'com.datastax.oss.kafka.sink.CassandraSinkConnector',
  ]
  const plugins = names.map((name): PluginInfo => ({ class: name, type: 'sink', version: '1' }))
  expect(inOrder(plugins).map(one => names.indexOf(one.class))).toEqual([3, 2, 1, 0])
})
