/**
 * The rejected rows of a run: seen, downloaded, and tried again. Used by the run, above its log.
 * Invariants: a row shows its key and the reason, not its values; what is not shown is counted; a retry
 * leads to the run that it is.
 * Spec: ui 5.3, 8 (`rejected-row`, `rejected-retry`); backlog-replication 2.13.
 */
import { Button, Group } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import type { RejectedRow, RunInfo } from '../../api-v1.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toCount, toCounted } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { useRetryRejected } from './job-queries.ts'

interface RejectedProps {
  readonly rows: readonly RejectedRow[]
  readonly run: RunInfo
}

export function RejectedRows({ rows, run }: RejectedProps) {
  const count = run.rows.rejected
  const lines = rows.map(one => JSON.stringify(one)).join('\n')
  const file = `data:application/jsonl;charset=utf-8,${encodeURIComponent(lines)}`
  return (
    <section className="sc-card" aria-label="Rejected rows">
      <div className="sc-card-body">
        <Group justify="space-between">
          <h2 className="sc-card-title">{toCounted(count, 'rejected row')}</h2>
          <Group gap="sm">
            <Button component="a" href={file} download={`rejected-${run.id}.jsonl`}>
              Download
            </Button>
            <May least="job_operator">
              <Retry rows={rows} run={run} />
            </May>
          </Group>
        </Group>
        <p className="sc-quiet">
          They are not in the table. Correct the columns or the source first; a retry reads these
          rows again and writes those that fit.
          {rows.length < count &&
            ` The first ${toCount(rows.length)} are shown; a retry reads all.`}
        </p>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keys */}
      <div className="sc-grid-scroll" tabIndex={0}>
        <table className="sc-grid">
          <ColumnHeads columns={['Key', 'Column', 'Why', 'Tried again']} />
          <tbody>
            {rows.map((one, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows without a key are alike
              <Row key={index} row={one} run={run} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Row({ row, run }: { readonly row: RejectedRow; readonly run: RunInfo }) {
  const { key, column, error, retriedBy } = row
  return (
    <tr data-testid="rejected-row" data-state={retriedBy === null ? 'waiting' : 'retried'}>
      <td className="sc-mono">{key}</td>
      <td className="sc-mono">{column ?? ''}</td>
      <td className="sc-wrap">{error}</td>
      <td>
        {retriedBy !== null && (
          <Link
            className="sc-link"
            to="/jobs/$id/runs/$run"
            params={{ id: run.jobId, run: retriedBy }}
          >
            that run
          </Link>
        )}
      </td>
    </tr>
  )
}

function Retry({ rows, run }: RejectedProps) {
  const navigate = useNavigate()
  const retry = useRetryRejected()
  const isDone = rows.length > 0 && rows.every(one => one.retriedBy !== null)
  const params = (id: string) => ({ id: run.jobId, run: id })
  return (
    <Button
      loading={retry.isPending}
      disabled={run.finishedAt === null || isDone}
      onClick={() =>
        retry.mutate(run.id, {
          onSuccess: ({ id }) => void navigate({ to: '/jobs/$id/runs/$run', params: params(id) }),
        })
      }
      data-testid="rejected-retry"
    >
      Try again
    </Button>
  )
}
