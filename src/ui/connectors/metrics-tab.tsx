/**
 * The figures of a connector over the last half hour, each with the name of its metric.
 * Used by the connector page. Invariant: what the worker did not measure is a gap.
 * Spec: ui 5.4 (metrics), 3 (charts); connect-rest 19.
 */
import { CopyButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { FigureName } from '../../api-v1-connectors.ts'
import { Panel } from '../parts/panel.tsx'
import { type ChartSeries, TimeChart } from '../parts/time-chart.tsx'
import { activityQuery, figuresQuery } from './inside-queries.ts'

type Line = readonly [name: string, figure: FigureName, colour: NonNullable<ChartSeries['colour']>]

interface Chart {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly metric: string
  readonly lines: readonly Line[]
}

const CHARTS: readonly Chart[] = [
  {
    ...{ name: 'records', title: 'Records', unit: '/s' },
    metric: 'kafka_connect_sink_task_sink_record_send_total',
    lines: [
      ['read', 'read', 1],
      ['written', 'written', 2],
    ],
  },
  {
    ...{ name: 'lag', title: 'Lag', unit: 'records' },
    metric: 'kafka_consumer_fetch_manager_records_lag',
    lines: [['lag', 'lag', 1]],
  },
  {
    ...{ name: 'batch', title: 'Time of a batch, of the slowest task', unit: 'ms' },
    metric: 'kafka_connect_sink_task_put_batch_avg_time_ms',
    lines: [
      ['average', 'batchMs', 1],
      ['longest', 'batchMaxMs', 4],
    ],
  },
  {
    ...{ name: 'errors', title: 'Errors, retries, skipped', unit: '/s' },
    metric: 'kafka_connect_task_error_total_record_failures',
    lines: [
      ['errors', 'failures', 'error'],
      ['retries', 'retries', 2],
      ['skipped', 'skipped', 3],
      ['dead letters', 'deadLetters', 4],
    ],
  },
  {
    ...{ name: 'active', title: 'Records in flight', unit: 'records' },
    metric: 'kafka_connect_sink_task_sink_record_active_count',
    lines: [['in flight', 'active', 1]],
  },
  {
    ...{ name: 'batch-size', title: 'Records of a read', unit: 'records' },
    metric: 'kafka_connect_connector_task_batch_size_avg',
    lines: [['average', 'batchSize', 1]],
  },
  {
    ...{ name: 'commit', title: 'Time of a commit', unit: 'ms' },
    metric: 'kafka_connect_connector_task_offset_commit_avg_time_ms',
    lines: [['average', 'commitMs', 1]],
  },
]

export function MetricsTab({ name }: { readonly name: string }) {
  const query = useQuery(figuresQuery(name))
  const { data: events = [] } = useQuery(activityQuery(name))
  const marks = events
    .filter(one => one.kind === 'act')
    .map(one => ({ at: Date.parse(one.at) / 1000, text: one.text }))
  return (
    <Panel query={query} what="the figures">
      {({ times, series }) =>
        times.length < 2 ? (
          <p className="sc-quiet">
            Figures are read every 5 s. Charts begin with the second reading.
          </p>
        ) : (
          <div className="sc-charts">
            {CHARTS.map(chart => (
              <TimeChart
                key={chart.name}
                {...{ name: chart.name, title: chart.title, unit: chart.unit, times, marks }}
                note={<MetricName name={chart.metric} />}
                series={chart.lines.map(([line, figure, colour]) => ({
                  ...{ name: line, values: series[figure] ?? [], colour },
                }))}
              />
            ))}
          </div>
        )
      }
    </Panel>
  )
}

/** For Prometheus: the charts are of the same figures. */
function MetricName({ name }: { readonly name: string }) {
  return (
    <>
      <span className="sc-mono">{name}</span>{' '}
      <CopyButton value={name}>
        {({ copied, copy }) => (
          <button
            type="button"
            className="sc-text-button"
            onClick={copy}
            aria-label={`Copy ${name}`}
            data-testid="metric-copy"
          >
            {copied ? 'Copied' : 'Copy'}
          </button>
        )}
      </CopyButton>
    </>
  )
}
