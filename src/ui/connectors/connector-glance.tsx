/**
 * A connector's figures now, what happened to it last, and where its records are seen. Used by the tab Overview.
 * Invariant: a figure that was not measured is a dash, never 0.
 * Spec: ui 5.4 (overview).
 */
import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { FigureName } from '../../api-v1-connectors.ts'
import { heldOf, isWaiting } from '../home/held.ts'
import { rateOf, rateText, tablesOf } from '../home/home-model.ts'
import { useSamples } from '../home/home-queries.ts'
import { toAgo, toCount, toDuration, toLocal, UNKNOWN } from '../parts/format.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { SERVES_DATA } from '../parts/served.ts'
import type { Config } from './connector-queries.ts'
import { activityQuery, figuresQuery } from './inside-queries.ts'
import { TableLink } from './table-link.tsx'

const RECENT = 4

type Shown = readonly [title: string, figure: FigureName, text: string]

interface FiguresProps {
  readonly name: string
  /** As it is shown. */
  readonly state: string
}

/** Live, as Home has them; errors since the worker started: one an hour is no rate. */
export function Figures({ name, state }: FiguresProps) {
  const { data } = useQuery(figuresQuery(name))
  const { before, now } = useSamples()
  const counters = now?.counters.get(name)
  const lag = counters?.lag ?? undefined
  const waits = isWaiting(state, heldOf(state, counters), lag)
  const rate = (of: 'read' | 'written') =>
    rateText(now === undefined ? undefined : rateOf(name, { before, now, of }), waits)
  // A longest of 0 is none yet.
  const longestMs = data?.series.batchMaxMs?.at(-1) ?? 0
  const figures: readonly Shown[] = [
    ['Read', 'read', rate('read')],
    ['Written', 'written', rate('written')],
    ['Lag', 'lag', toCount(lag)],
    ['Batch, longest', 'batchMaxMs', longestMs > 0 ? toDuration(longestMs) : UNKNOWN],
    ['Errors', 'failures', toCount(counters?.failed)],
  ]
  return (
    <dl className="sc-figures" data-testid="connector-figures">
      {figures.map(([title, figure, text]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd data-testid="connector-figure" data-key={figure}>
            {text}
          </dd>
        </div>
      ))}
    </dl>
  )
}

export function Recent({ name }: { readonly name: string }) {
  const { data = [] } = useQuery(activityQuery(name))
  return (
    <section className="sc-card sc-card-body" aria-labelledby="recent-title">
      <h2 id="recent-title" className="sc-card-title">
        Recent
      </h2>
      {data.length === 0 ? (
        <p className="sc-quiet">Nothing happened since the worker started.</p>
      ) : (
        <ul className="sc-last">
          {data.slice(0, RECENT).map(({ at, by, text }) => (
            <li key={`${at} ${text}`} data-testid="recent-row">
              <span className="sc-quiet" title={toLocal(at)}>
                {toAgo(at)}
              </span>
              <span className="sc-grow sc-wrap">{text}</span>
              <bdi>{by}</bdi>
            </li>
          ))}
        </ul>
      )}
      <Link className="sc-link" to="/connectors/$name/$tab" params={{ name, tab: 'activity' }}>
        All activity
      </Link>
    </section>
  )
}

/** "Did it arrive?": its records, live, and its rows. */
export function Places({ config, isSink }: { readonly config: Config; readonly isSink: boolean }) {
  const topic = (config['topics'] ?? config['topicName'] ?? config['topic'] ?? '')
    .split(',')[0]
    ?.trim()
  const [table] = tablesOf(config)
  if (!SERVES_DATA) return undefined
  return (
    <Group gap="sm" mt="md">
      {topic !== undefined && topic !== '' && (
        <LinkButton
          to="/data/kafka/topics/$topic/$tab"
          params={{ topic, tab: 'records' }}
          search={{ from: 'newest', live: '1' }}
          data-testid="connector-watch"
        >
          Watch records
        </LinkButton>
      )}
      {isSink && table !== undefined && (
        <TableLink config={config} table={table} text="Browse rows" testId="connector-browse" />
      )}
    </Group>
  )
}
