/**
 * One run, while it goes on and afterwards: progress, tasks, schema changes, rejected rows, log, Stop.
 * Route /ui/jobs/{id}/runs/{run}.
 * Invariants: 100 % only when it ended; waiting says for what; a stop keeps what was done.
 * Spec: ui 4.3, 5.3, 8 (flow 7); backlog-replication 2.12, 2.13.
 */
import { Button, Progress, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { RunInfo } from '../../api-v1.ts'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toCount, toCounted, toDuration, toLocal } from '../parts/format.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { May } from '../parts/may.tsx'
import { Page } from '../parts/page.tsx'
import { Panel } from '../parts/panel.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { progressOf } from './job-model.ts'
import { runQuery, useStopRun } from './job-queries.ts'
import { RunAgain, RunConnections } from './run-again.tsx'
import { RunTrigger, RunUsed, usedText } from './run-facts.tsx'
import { RunGantt } from './run-gantt.tsx'
import { RunLog } from './run-log.tsx'
import { RunTasks } from './run-tasks.tsx'

export function RunPage() {
  const { id = '', run: runId = '' } = useParams({ strict: false })
  const query = useQuery(runQuery(runId))
  const run = query.data
  return (
    <Page
      id="run"
      title={run === undefined ? 'Run' : `Run of ${toLocal(run.startedAt)}`}
      section={run?.jobName ?? 'Jobs'}
      loading={query.isPending}
      status={run !== undefined && <StatusChip state={run.state} isRun testId="run-state" />}
      actions={
        <>
          {run !== undefined && (
            <May least="job_operator">
              {run.finishedAt === null ? <Stop run={run} /> : <RunAgain run={run} />}
            </May>
          )}
          <LinkButton to="/jobs/$id/$tab" params={{ id, tab: 'history' }} data-testid="run-back">
            Back to {run?.jobName ?? 'the job'}
          </LinkButton>
        </>
      }
    >
      <Panel query={query} what="the run">
        {found => <Run run={found} />}
      </Panel>
    </Page>
  )
}

function Stop({ run }: { readonly run: RunInfo }) {
  const [isAsked, setIsAsked] = useState(false)
  const stop = useStopRun()
  return (
    <>
      <Button onClick={() => setIsAsked(true)} data-testid="run-stop">
        Stop
      </Button>
      <ConfirmDialog
        opened={isAsked}
        title="Stop this run?"
        text="It ends after the present page and keeps its progress."
        verb="Stop run"
        busy={stop.isPending}
        onConfirm={() => stop.mutate(run.id, { onSettled: () => setIsAsked(false) })}
        onClose={() => setIsAsked(false)}
      />
    </>
  )
}

function Run({ run }: { readonly run: RunInfo }) {
  const { percent, text } = progressOf(run)
  const isLive = run.finishedAt === null
  const { rows, requests } = run
  return (
    <Stack gap="lg">
      <div className="sc-card sc-card-body">
        <Stack gap="md">
          <div data-testid="run-progress" data-state={run.state}>
            <Progress
              value={percent ?? 100}
              animated={isLive && percent === undefined}
              striped={isLive && percent === undefined}
              aria-label="Progress of the run"
              size="lg"
            />
            <p className="sc-lead sc-progress-text">{text}</p>
          </div>
          {run.error !== null && (
            <div className="sc-banner" data-role="error" data-testid="run-error" role="alert">
              <div className="sc-stack">
                <p>{run.error}</p>
                <RunConnections run={run} />
              </div>
            </div>
          )}
          <dl className="sc-facts">
            <dt>Result</dt>
            <dd data-testid="run-text">{run.text}</dd>
            <dt>Took</dt>
            <dd data-testid="run-took">{toDuration(run.elapsedMs)}</dd>
            <dt>Rows</dt>
            <dd data-testid="run-rows">
              {toCount(rows.read)} read, {toCount(rows.inserted)} new, {toCount(rows.updated)}{' '}
              changed, {toCount(rows.unchanged)} unchanged, {toCount(rows.deleted)} deleted,{' '}
              {toCount(rows.rejected)} rejected
            </dd>
            <dt>Requests</dt>
            <dd>
              {toCounted(requests.sent, 'request')}, {toCount(requests.retried)} retried
              {requests.waitedMs > 0 && `, waited ${toDuration(requests.waitedMs)}`}
            </dd>
            <dt>Started by</dt>
            <dd data-testid="run-trigger">
              <RunTrigger run={run} />
            </dd>
            {usedText(run) !== undefined && (
              <>
                <dt>Ran with</dt>
                <dd data-testid="run-used">{usedText(run)}</dd>
              </>
            )}
          </dl>
        </Stack>
      </div>
      {run.tasks.length > 0 && <RunTasks jobId={run.jobId} tasks={run.tasks} />}
      <RunGantt run={run} />
      <RunUsed run={run} />
      {run.schemaChanges.length > 0 && (
        <div className="sc-card sc-card-body" data-testid="run-schema">
          <h2 className="sc-card-title">Schema changes</h2>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached with the keys */}
          <pre className="sc-trace" tabIndex={0}>
            {run.schemaChanges.join(';\n')}
          </pre>
        </div>
      )}
      <RunLog run={run} />
    </Stack>
  )
}
