/**
 * Asks before a run that drops tables: those of tasks that make their table anew each time. Used wherever
 * a run is started with one click.
 * Invariant: a run that drops nothing starts at once.
 * Spec: ui 4.5; backlog-replication 2.8 (modes).
 */
import { useState } from 'react'
import type { JobInfo, RunRequest } from '../../api-v1.ts'
import { TypeConfirmDialog } from '../parts/type-confirm-dialog.tsx'

interface Asked {
  readonly tables: readonly string[]
  readonly start: () => void
}

export function useDropConsent(job: JobInfo) {
  const [asked, setAsked] = useState<Asked | undefined>()
  const ask = (request: RunRequest, start: (request: RunRequest) => void) => {
    const { mode = 'incremental', tasks } = request
    const isRun = mode === 'incremental' || mode === 'full'
    const tables = job.tasks
      .filter(one => (tasks === undefined ? one.enabled : tasks.includes(one.id)))
      .filter(one => isRun && one.mode === 'recreate')
      .map(one => one.destination)
    if (tables.length === 0) start(request)
    else setAsked({ tables, start: () => start({ ...request, drop: tables }) })
  }
  const name = asked?.tables.join(', ') ?? ''
  const dialog = asked !== undefined && (
    <TypeConfirmDialog
      opened
      title={`Drop ${name} and run?`}
      text={`The run drops ${name} and loads it again. Readers see an empty table meanwhile.`}
      name={name}
      verb="Drop and run"
      busy={false}
      onConfirm={() => {
        setAsked(undefined)
        asked.start()
      }}
      onClose={() => setAsked(undefined)}
    />
  )
  return { ask, dialog }
}
