/**
 * A connector's figures now, what happened to it last, and where its records are seen. Used by the tab Overview.
 * Invariant: a figure that was not measured is a dash, never 0.
 * Spec: ui 5.4 (overview).
 */
import { Group } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { FigureName } from '../../api-v1-connectors.ts'
import { rateText, tablesOf } from '../home/home-model.ts'
import { toAgo, toCount, toLocal } from '../parts/format.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { SERVES_DATA } from '../parts/served.ts'
import type { Config } from './connector-queries.ts'
import { activityQuery, figuresQuery } from './inside-queries.ts'
import { TableLink } from './table-link.tsx'

const RECENT = 4

type Shown = readonly [
  title: string,
  figure: FigureName,
  text: (value: number | undefined) => string,
]

const round = (value: number | undefined) =>
  toCount(value === undefined ? undefined : Math.round(value))

const FIGURES: readonly Shown[] = [
  ['Read', 'read', rateText],
  ['Written', 'written', rateText],
  ['Lag', 'lag', round],
  // A longest of 0 is none yet.
  ['Batch, longest', 'batchMaxMs', value => (value ? `${round(value)} ms` : '–')],
  ['Errors', 'failures', value => (value === 0 ? '0' : rateText(value))],
]

export function Figures({ name }: { readonly name: string }) {
  const { data } = useQuery(figuresQuery(name))
  return (
    <dl className="sc-figures" data-testid="connector-figures">
      {FIGURES.map(([title, figure, text]) => (
        <div key={title}>
          <dt>{title}</dt>
          <dd data-testid="connector-figure" data-key={figure}>
            {text(data?.series[figure]?.at(-1) ?? undefined)}
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
