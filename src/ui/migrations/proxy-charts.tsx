/**
 * The charts of the proxies, as each phase needs them. Used by the proxy panel.
 * Invariant: source is always the first colour, target the second, errors their own.
 * Spec: ui 3 (Charts), 5.6 (charts by phase).
 */
import type { MigrationProxyHistory } from '../../api-v1-migrations.ts'
import { TimeChart } from '../parts/time-chart.tsx'

interface ProxyChartsProps {
  readonly phase: number
  readonly history: MigrationProxyHistory
}

export function ProxyCharts({ phase, history }: ProxyChartsProps) {
  if (history.times.length < 2) {
    return <p className="sc-quiet">Charts begin with the second reading, in a few seconds.</p>
  }
  const wanted = CHARTS_OF[phase] ?? []
  return (
    <div className="sc-charts">
      {wanted.map(name => {
        const [title, unit, lines] = CHARTS[name]
        return (
          <TimeChart
            key={name}
            {...{ name, title, unit, times: history.times, series: lines(history) }}
          />
        )
      })}
    </div>
  )
}

type Lines = (history: MigrationProxyHistory) => Parameters<typeof TimeChart>[0]['series']
type Chart = readonly [title: string, unit: string, lines: Lines]

const sides =
  (of: 'writes' | 'p99'): Lines =>
  history => [
    { name: 'source', values: history[of].source, colour: 1 },
    { name: 'target', values: history[of].target, colour: 2 },
  ]

const CHARTS = {
  writes: ['Writes by cluster', '/s', sides('writes')],
  failed: [
    'Failed writes by cluster',
    '/s',
    ({ failed }) => [
      { name: 'source', values: failed.source, colour: 1 },
      { name: 'target', values: failed.target, colour: 'error' },
    ],
  ],
  oldest: [
    'Oldest write that waits for the target',
    's',
    ({ oldest }) => [{ name: 'oldest', values: oldest, colour: 2 }],
  ],
  reads: [
    'Reads by cluster',
    '/s',
    ({ reads }) => [
      { name: 'source', values: reads.source, colour: 1 },
      { name: 'target', values: reads.target, colour: 2 },
      { name: 'both', values: reads.both, colour: 3 },
    ],
  ],
  latency: ['Latency by cluster, p99', 'ms', sides('p99')],
  different: [
    'Answers that differ',
    '/s',
    ({ different }) => [{ name: 'different', values: different, colour: 'error' }],
  ],
  lwt: [
    'Conditional writes that one cluster alone applied',
    '/s',
    ({ lwtMismatches }) => [{ name: 'mismatches', values: lwtMismatches, colour: 'error' }],
  ],
  clients: [
    'Client connections to the proxies',
    'connections',
    ({ clients }) => [{ name: 'proxied', values: clients, colour: 1 }],
  ],
} as const satisfies Readonly<Record<string, Chart>>

const CHARTS_OF: Readonly<Record<number, readonly (keyof typeof CHARTS)[]>> = {
  1: ['writes', 'failed', 'oldest', 'clients'],
  3: ['latency', 'different', 'reads', 'failed'],
  4: ['reads', 'latency', 'failed', 'lwt'],
  5: ['clients', 'writes'],
}
