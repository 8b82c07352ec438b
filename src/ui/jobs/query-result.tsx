/**
 * What is known of a query: its kind and why, its plan, the order that its table could have, and the first
 * rows. Used by the tab Query.
 * Invariant: before the first preview the kind is that of the saved text.
 * Spec: ui 5.3, 8 (flow 5); backlog-replication 2.6.
 */
import { Button, Group, Stack } from '@mantine/core'
import { useState } from 'react'
import type { QueryPlan, TaskPreview } from '../../api-v1.ts'
import { toCounted, toDuration } from '../parts/format.ts'
import { PreviewGrid, Problems } from './preview-grid.tsx'

const SENTENCES = {
  incremental: 'Incremental: each row comes from one source row.',
  full: 'Full: each run computes the result anew.',
} as const

interface QueryKindProps {
  readonly kind: 'incremental' | 'full'
  readonly reason: string | undefined
}

export function QueryKind({ kind, reason }: QueryKindProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <div>
      <Group gap="sm">
        <strong data-testid="query-kind" data-state={kind}>
          {SENTENCES[kind]}
        </strong>
        {reason !== undefined && (
          <Button onClick={() => setOpen(!isOpen)} aria-expanded={isOpen} data-testid="query-why">
            Why?
          </Button>
        )}
      </Group>
      {isOpen && (
        <p className="sc-lead" data-testid="query-reason">
          {reason}
        </p>
      )}
    </div>
  )
}

interface QueryResultProps {
  readonly preview: TaskPreview
  /** Takes another text into the editor. */
  readonly onText: (text: string) => void
}

export function QueryResult({ preview, onText }: QueryResultProps) {
  const { after, problems, requests, tookMs, queryPlan } = preview
  return (
    <Stack gap="md">
      {queryPlan !== undefined && <PlanLine plan={queryPlan} onText={onText} />}
      <span className="sc-quiet" data-testid="preview-stats">
        A sample of {toCounted(after.rows.length, 'row')}, made of the first rows of each table; a
        run reads all of them. {toDuration(tookMs)}, {toCounted(requests, 'request')}
      </span>
      <Problems problems={problems} />
      <PreviewGrid grid={after} testId="preview-grid" problems={problems} />
    </Stack>
  )
}

function PlanLine({
  plan,
  onText,
}: {
  readonly plan: QueryPlan
  readonly onText: QueryResultProps['onText']
}) {
  const { requests, asked, here, order } = plan
  const count =
    requests === null
      ? 'the tables are read page by page'
      : `about ${toCounted(requests, 'request')} for all rows`
  return (
    <Group gap="md">
      <span data-testid="query-plan">
        Plan: {count}. Asked of the source: {asked.join(', ') || 'all rows'}. Done here:{' '}
        {here.join(', ') || 'nothing'}.
      </span>
      {order !== undefined && (
        <Button onClick={() => onText(order.query)} data-testid="query-order">
          Make {order.columns.join(', ')} the clustering order
        </Button>
      )}
    </Group>
  )
}
