import { describe, expect, it } from 'vitest'
import { MetricRegistry } from '../telemetry/index.ts'
import { groupedNames } from './grouped-names.ts'
import { metricRoutes } from './worker-routes.ts'

describe('names with their group', () => {
  it.each([
    [
      'kafka_connect_worker_connector_count',
      'kafka_connect_connect_worker_metrics_connector_count',
    ],
    [
      'kafka_connect_worker_rebalance_rebalancing',
      'kafka_connect_connect_worker_rebalance_metrics_rebalancing',
    ],
    [
      'kafka_connect_coordinator_assigned_tasks',
      'kafka_connect_connect_coordinator_metrics_assigned_tasks',
    ],
    ['kafka_connect_connector_task_status', 'kafka_connect_connector_task_metrics_status'],
    ['kafka_connect_connector_status', 'kafka_connect_connector_metrics_status'],
    [
      'kafka_connect_sink_task_sink_record_read_total',
      'kafka_connect_sink_task_metrics_sink_record_read_total',
    ],
    [
      'kafka_connect_source_task_source_record_poll_total',
      'kafka_connect_source_task_metrics_source_record_poll_total',
    ],
    ['kafka_connect_task_error_total_retries', 'kafka_connect_task_error_metrics_total_retries'],
    ['kafka_connect_version_info', 'kafka_connect_version_info'],
    ['kafka_consumer_connection_count', 'kafka_consumer_connection_count'],
    ['scamander_connect_worker_x', 'scamander_connect_worker_x'],
  ])('%s', (name, expected) => {
    const text = (one: string) =>
      `# HELP ${one} Of kafka_connect_worker_x.\n# TYPE ${one} gauge\n${one}{connector="kafka_connect_worker_x"} 1\n`
    expect(groupedNames(text(name))).toBe(text(expected))
  })

  it('are given to who asks for them', async () => {
    const registry = new MetricRegistry()
    const descriptor = {
      name: 'kafka_connect_worker_task_count',
      kind: 'gauge',
      help: 'Tasks.',
      labels: [],
    } as const
    registry.series(descriptor).set(3)
    const route = metricRoutes(registry).find(({ path }) => path === '/metrics')!
    const ask = async (query: string) => {
      const call = { params: {}, query: new URLSearchParams(query), body: '' }
      return (await route.handle({ ...call, method: 'GET', url: '/metrics', headers: {} })).text
        ?.body
    }
    expect(await ask('')).toContain('\nkafka_connect_worker_task_count 3\n')
    expect(await ask('names=grouped')).toContain(
      '\nkafka_connect_connect_worker_metrics_task_count 3\n',
    )
  })
})
