/**
 * The switch of all schedules: a button that pauses them, and a banner that says so and resumes them. Used
 * by the list of jobs and the page of a job.
 * Invariant: while nothing starts by itself, every page of jobs says so.
 * Spec: ui 5.3; backlog-replication 2.10.
 */
import './jobs.css'
import { Button } from '@mantine/core'
import { IconPlayerPauseFilled } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toAgo } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { pauseQuery, usePause } from './job-queries.ts'

export function PauseAll() {
  const { data } = useQuery(pauseQuery)
  const [isAsked, setIsAsked] = useState(false)
  const change = usePause()
  if (data === undefined || data.paused) return null
  return (
    <May least="job_creator">
      <Button onClick={() => setIsAsked(true)} data-testid="schedules-pause">
        Pause all
      </Button>
      <ConfirmDialog
        opened={isAsked}
        title="Pause all schedules?"
        text="No job starts by itself until they go on, and what is due meanwhile is not caught up. Runs under way end as usual; Run still works."
        verb="Pause all"
        busy={change.isPending}
        onConfirm={() => change.mutate(true, { onSettled: () => setIsAsked(false) })}
        onClose={() => setIsAsked(false)}
      />
    </May>
  )
}

export function PauseBanner() {
  const { data } = useQuery(pauseQuery)
  const change = usePause()
  if (data?.paused !== true) return null
  return (
    <div
      className="sc-banner sc-pause"
      data-role="warn"
      role="status"
      data-testid="schedules-paused"
    >
      <IconPlayerPauseFilled size={16} aria-hidden />
      <p className="sc-grow">
        All schedules are paused, by {data.by === '' ? 'somebody' : data.by}, {toAgo(data.at)}. No
        job starts by itself.
      </p>
      <May least="job_creator">
        <Button
          loading={change.isPending}
          onClick={() => change.mutate(false)}
          data-testid="schedules-resume"
        >
          Resume
        </Button>
      </May>
    </div>
  )
}
