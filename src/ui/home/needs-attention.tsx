/**
 * What needs attention: what, since when, the likely cause, and one way to act on it. The list is the
 * server's (src/server/attention).
 * Used by Home. Invariant: quiet is said, not left blank, and only when the server says so.
 * Spec: ui 5.1, 8 (`attention-item`).
 */
import { Stack } from '@mantine/core'
import { IconAlertTriangleFilled, IconXboxXFilled } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { AttentionInfo, AttentionItem } from '../../api-v1-home.ts'
import { toAgo, toDuration, toSentence } from '../parts/format.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { PanelError } from '../parts/panel.tsx'
import { useClock } from '../parts/use-clock.ts'
import { attentionQuery } from './home-queries.ts'

/** More are counted. */
const SHOWN_MAX = 20

export function NeedsAttention() {
  const { data, error } = useQuery(attentionQuery)
  if (data !== undefined) return <Items info={data} />
  return error === null ? undefined : <PanelError error={error} what="what needs attention" />
}

function Items({ info }: { readonly info: AttentionInfo }) {
  const { items, lastProblemAt } = info
  const nowMs = useClock()
  if (items.length === 0) {
    return (
      <p className="sc-lead" data-testid="all-quiet">
        All quiet.{lastProblemAt !== null && ` Last problem ${ago(lastProblemAt, nowMs)}.`}
      </p>
    )
  }
  return (
    <section aria-labelledby="attention-title">
      <Stack gap="sm">
        <h2 id="attention-title" className="sc-card-title sc-flush">
          Needs attention ({items.length})
        </h2>
        {items.slice(0, SHOWN_MAX).map(item => (
          <Item key={item.key} item={item} nowMs={nowMs} />
        ))}
        {items.length > SHOWN_MAX && <p className="sc-quiet">{items.length - SHOWN_MAX} more</p>}
      </Stack>
    </section>
  )
}

function Item({ item, nowMs }: { readonly item: AttentionItem; readonly nowMs: number }) {
  const Icon = item.role === 'error' ? IconXboxXFilled : IconAlertTriangleFilled
  return (
    <div
      className="sc-banner"
      data-role={item.role}
      data-testid="attention-item"
      data-key={item.id}
      data-kind={item.kind}
    >
      <Icon size={16} aria-hidden />
      <p className="sc-grow">
        <strong>
          <bdi>{item.name}</bdi>
        </strong>{' '}
        {toSentence(item.what)}{' '}
        <span className="sc-nowrap" data-testid="attention-since">
          {since(item.since, nowMs)}
        </span>
        {item.cause !== null && (
          <span className="sc-wrap" data-testid="attention-cause">
            {' '}
            Likely cause: <bdi>{toSentence(item.cause)}</bdi>
          </span>
        )}
      </p>
      <Act item={item} />
    </div>
  )
}

/** "For 12 s", "for 3 d 4 h". */
function since(iso: string, nowMs: number): string {
  return `For ${toDuration(Math.max(1_000, nowMs - Date.parse(iso)))}.`
}

const DAY_MS = 86_400_000

/** Days where they tell more than a date. */
function ago(iso: string, nowMs: number): string {
  const days = Math.floor((nowMs - Date.parse(iso)) / DAY_MS)
  return days >= 1 ? `${days} d ago` : toAgo(iso, nowMs)
}

const TABS = { rows: 'history', deletes: 'task', schema: 'task' } as const

/** Where it is acted on. */
function Act({ item }: { readonly item: AttentionItem }) {
  const { section, kind, id } = item
  switch (section) {
    case 'connectors': {
      const tab = kind === 'behind' ? 'overview' : 'tasks'
      return (
        <LinkButton to="/connectors/$name/$tab" params={{ name: id, tab }}>
          Open connector
        </LinkButton>
      )
    }
    case 'jobs': {
      const tab = TABS[kind as keyof typeof TABS] ?? 'history'
      return (
        <LinkButton to="/jobs/$id/$tab" params={{ id, tab }}>
          Open job
        </LinkButton>
      )
    }
    case 'connections':
      return (
        <LinkButton to="/connections/$id" params={{ id }}>
          Open connection
        </LinkButton>
      )
    case 'migrations':
      return (
        <LinkButton to="/migrations/$name" params={{ name: id }}>
          Open migration
        </LinkButton>
      )
    case 'capture':
      return (
        <LinkButton to="/capture/$tab" params={{ tab: id }}>
          Open Capture
        </LinkButton>
      )
    default:
      return (
        <LinkButton to="/monitoring/$tab" params={{ tab: id }}>
          Open Monitoring
        </LinkButton>
      )
  }
}
