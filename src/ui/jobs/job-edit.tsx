/**
 * Saves a form of a job that somebody else may change meanwhile. Used by settings, schedule and the tabs of a
 * task.
 * Invariants: what was typed stays while the job changes, and a form where nothing was typed follows it; a
 * change of another part of the job, such as the tables that a run adds, asks nothing; what somebody else
 * saved in the same part is overwritten only by who has seen that.
 * Spec: ui 4.4 (changed meanwhile).
 */
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import type { JobInfo } from '../../api-v1.ts'
import { ApiError } from '../api-client.ts'
import { lazyPart } from '../parts/lazy-part.tsx'
import { fetchJob, jobQuery, useJobChange } from './job-queries.ts'
import { differences, type Words } from './job-words.ts'

const ConflictDialog = lazyPart(async () => (await import('./conflict-dialog.tsx')).ConflictDialog)

/** Other parts may change as often while one change is on its way. */
const ATTEMPTS_MAX = 3

interface JobEdit<T> {
  readonly job: JobInfo
  /** The part of a job that the form edits. */
  readonly wordsOf: (job: JobInfo) => Words
  /** The same of what the form holds. */
  readonly mine: Words
  readonly isDirty: boolean
  readonly send: (given: T, version: number) => Promise<JobInfo>
  /** The form begins anew with this job. */
  readonly onTake: (job: JobInfo) => void
  readonly onDone: (job: JobInfo) => void
  readonly onError?: (error: Error) => void
}

interface Met<T> {
  readonly job: JobInfo
  readonly given: T
}

export interface JobSave<T> {
  readonly start: (given: T) => void
  /** False: it was refused. */
  readonly tryAll: (given: T) => Promise<boolean>
  readonly reset: () => void
  readonly isPending: boolean
  /** Null as well while the dialog asks. */
  readonly error: Error | null
  readonly dialog: ReactNode
}

export function useJobEdit<T>(edit: JobEdit<T>): JobSave<T> {
  const { job, wordsOf, mine, isDirty, onDone, onTake, onError = () => undefined } = edit
  const client = useQueryClient()
  const seen = useRef(job)
  const [met, setMet] = useState<Met<T> | undefined>()
  const isSeen = (one: JobInfo) => isSame(wordsOf(one), wordsOf(seen.current))
  const take = (one: JobInfo) => {
    seen.current = one
    onTake(one)
  }
  useEffect(() => {
    if (isDirty || job.version <= seen.current.version) return
    if (isSeen(job)) seen.current = job
    else take(job)
  })
  const send = async (given: T) => {
    const isFurther = job.version > seen.current.version && isSeen(job)
    let { version } = isFurther ? job : seen.current
    for (let attempt = 1; ; attempt++) {
      try {
        return await edit.send(given, version)
      } catch (error) {
        if (!isChanged(error)) throw error
        const now = await fetchJob(job.id)
        const isOurs = isSeen(now) || isSame(wordsOf(now), mine)
        if (!isOurs) setMet({ job: now, given })
        if (!isOurs || attempt === ATTEMPTS_MAX) throw error
        version = now.version
      }
    }
  }
  const save = useJobChange(send, done => {
    seen.current = done
    onDone(done)
  })
  const close = () => setMet(undefined)
  const start = (given: T) => save.mutate(given, { onError })
  const overwrite = ({ job: theirs, given }: Met<T>) => {
    seen.current = theirs
    close()
    start(given)
  }
  const discard = ({ job: theirs }: Met<T>) => {
    close()
    save.reset()
    client.setQueryData(jobQuery(theirs.id).queryKey, theirs)
    take(theirs)
  }
  const tryAll = (given: T) =>
    save.mutateAsync(given).then(
      () => true,
      (error: Error) => {
        onError(error)
        return false
      },
    )
  const dialog = met !== undefined && (
    <Suspense fallback={null}>
      <ConflictDialog
        {...{ job: met.job, theirs: wordsOf(met.job), mine }}
        onOverwrite={() => overwrite(met)}
        onDiscard={() => discard(met)}
        onClose={close}
      />
    </Suspense>
  )
  const { reset, isPending } = save
  return { start, tryAll, reset, isPending, error: met === undefined ? save.error : null, dialog }
}

function isSame(one: Words, other: Words): boolean {
  return Object.keys(differences(one, other)).length === 0
}

/** The server holds another version than the one that was seen. */
export function isChanged(error: unknown): boolean {
  return error instanceof ApiError && error.status === 412
}
