/**
 * What can be done about a run that ended: run the job again, or look at its connections. Used by the page of
 * a run.
 * Invariant: what would drop a table asks first, as everywhere.
 * Spec: ui 5.3.
 */
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { JobInfo, RunInfo } from '../../api-v1.ts'
import { useDropConsent } from './drop-consent.tsx'
import { jobsQuery, useStartRun } from './job-queries.ts'

interface OfRun {
  readonly run: RunInfo
}

export function RunAgain({ run }: OfRun) {
  const job = useJob(run)
  return job === undefined ? undefined : <Again job={job} />
}

function Again({ job }: { readonly job: JobInfo }) {
  const navigate = useNavigate()
  const start = useStartRun()
  const consent = useDropConsent(job)
  const onSuccess = ({ id }: RunInfo) =>
    void navigate({ to: '/jobs/$id/runs/$run', params: { id: job.id, run: id } })
  return (
    <>
      {consent.dialog}
      <Button
        disabled={job.activeRun !== undefined || job.tasks.length === 0}
        loading={start.isPending}
        onClick={() => consent.ask({}, request => start.mutate({ job, request }, { onSuccess }))}
        data-testid="run-again"
      >
        Run again
      </Button>
    </>
  )
}

/** Where to look when a run failed as a whole. */
export function RunConnections({ run }: OfRun) {
  const job = useJob(run)
  if (job === undefined) return undefined
  const ends = [
    ['source', job.source, job.sourceName],
    ['destination', job.destination, job.destinationName],
  ] as const
  return (
    <p data-testid="run-connections">
      Test the connections of the job, then run it again:{' '}
      {ends.map(([end, id, name]) => (
        <span key={end}>
          {end === 'destination' && ', '}
          <Link className="sc-link" to="/connections/$id" params={{ id }}>
            <bdi>{name}</bdi>
          </Link>
        </span>
      ))}
    </p>
  )
}

function useJob({ jobId }: RunInfo): JobInfo | undefined {
  const { data } = useQuery(jobsQuery)
  return data?.find(one => one.id === jobId)
}
