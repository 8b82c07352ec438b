/** Metrics that are read when they are asked for: what is gone is gone from them. */
import { expect, it } from 'vitest'
import { MetricRegistry } from '../../telemetry/index.ts'
import type { AgentStatus } from './agent/node-agent.ts'
import { startCollecting } from './capture-collector.ts'
import { ChannelCounters } from './channel-counters.ts'
import type { Channel, Gap } from './state/records.ts'

const channel = (id: number, table: string) =>
  ({ id, dataCenter: 'dc1', keyspace: 'ks', table, destination: 'd' }) as Channel
const status = (hostId: string, caughtUpMs: number | undefined) =>
  ({
    ...{ hostId, caughtUpMs },
    cdcRaw: { bytes: 7, files: 2, limitBytes: 100, fullInSeconds: null },
  }) as AgentStatus
const gap = (node: string, state: Gap['state']) => ({ node, state }) as Gap

it('shows queues, agents and gaps as they are when it is asked', async () => {
  const metrics = new MetricRegistry()
  const counters = new ChannelCounters()
  let channels = [channel(1, 'a'), channel(2, 'b')]
  let agents = [status('n1', Date.now() - 5000), status('n2', undefined)]
  let gaps = [gap('n1', 'open'), gap('n1', 'open'), gap('', 'acknowledged')]
  const stop = startCollecting({
    ...{ metrics, counters },
    channels: () => channels,
    statuses: () => agents,
    gaps: () => gaps,
    count: ({ id }) => ({ messages: id, bytes: 10 * id, oldestAtMs: Date.now() - 2000 * id }),
    snapshotOf: ({ id }) => (id === 1 ? { part: 0.5 } : undefined),
  })
  counters.of(1).invalid = 3
  const read = async () =>
    (await metrics.exposition())
      .split('\n')
      .filter(line => line.startsWith('scamander_cdc_'))
      .map(line => line.replace(/^scamander_cdc_/, '').replace(/(\.\d)\d+$/, '$1'))
  const before = await read()
  expect(before).toEqual(
    expect.arrayContaining([
      'queue_messages{channel="dc1/ks/a/d"} 1',
      'queue_bytes{channel="dc1/ks/b/d"} 20',
      'snapshot_progress_ratio{channel="dc1/ks/a/d"} 0.5',
      'invalid_messages_total{channel="dc1/ks/a/d"} 3',
      'raw_files{node="n2"} 2',
      'raw_full_in_seconds{node="n1"} -1',
      'gaps{node="n1",state="open"} 2',
      'gaps{node="",state="acknowledged"} 1',
    ]),
  )
  expect(before.filter(line => line.startsWith('agent_read_lag'))).toEqual([
    expect.stringMatching(/^agent_read_lag_seconds\{node="n1"\} 5(\.\d)?$/),
  ])
  expect(
    before.find(line => line.startsWith('queue_oldest_age_seconds{channel="dc1/ks/b/d"}')),
  ).toMatch(/ 4(\.\d)?$/)
  counters.of(1).invalid = 4
  channels = [channel(1, 'a')]
  agents = [agents[1]!]
  gaps = []
  const after = await read()
  expect(after.filter(line => /ks\/b|n1/.test(line))).toEqual([])
  expect(after).toContain('invalid_messages_total{channel="dc1/ks/a/d"} 4')
  stop()
})
