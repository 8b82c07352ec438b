/**
 * The dashboard and the alert rules of examples/monitoring against the declarations: every metric
 * they ask for exists, with the labels they ask for.
 */
import { describe, expect, it } from 'vitest'
import '../../src/server/index.ts'
import { declaredMetrics } from '../../src/telemetry/index.ts'
import { alertQueries, baseName, dashboardQueries, usedBy } from '../support/monitoring.ts'

const declared = new Map(declaredMetrics().map(one => [one.name, one]))

describe.each([
  ['the dashboard', dashboardQueries()],
  ['the alert rules', alertQueries()],
])('%s', (_what, queries) => {
  it.each(queries.map(({ of, expr }) => [of, expr]))('%s: %s', (_of, expr) => {
    const { metrics, labels } = usedBy(expr)
    const descriptors = metrics.map(name => declared.get(name) ?? declared.get(baseName(name)))
    expect(metrics.filter((_, i) => descriptors[i] === undefined)).toEqual([])
    const known = new Set(['le', 'job', ...descriptors.flatMap(one => one?.labels ?? [])])
    expect(labels.filter(label => !known.has(label))).toEqual([])
  })
})

it('the names that dashboards of Kafka Connect query are there', () => {
  const names = [
    ...['connector_count', 'task_count', 'rebalance_rebalancing'].map(
      name => `kafka_connect_worker_${name}`,
    ),
    ...['running', 'failed', 'paused', 'unassigned', 'destroyed'].map(
      state => `kafka_connect_worker_connector_${state}_task_count`,
    ),
    'kafka_connect_connector_status',
    'kafka_connect_coordinator_assigned_connectors',
    'kafka_connect_coordinator_assigned_tasks',
    'kafka_connect_task_error_total_record_failures',
    'kafka_consumer_incoming_byte_total',
    'kafka_producer_outgoing_byte_total',
    'kafka_consumer_connection_count',
    'kafka_producer_connection_count',
    'kafka_consumer_fetch_manager_records_lag',
    'kafka_connect_start_time_seconds',
    'kafka_connect_version_info',
  ]
  expect(names.filter(name => !declared.has(name))).toEqual([])
})
