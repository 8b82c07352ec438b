/**
 * What the server tells of replication: runs under way, notices of runs that ended, changes by others.
 * Used by the shell, once; it comes over the live connection.
 * Invariants: events only refresh what was read, so a lost one is made good by the next reading; a notice
 * is shown as a toast at most once.
 * Spec: ui 4.3, 4.6; backlog-replication 2.12.
 */
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import type { Notice, RunInfo, RunSummary, ServerEvent } from '../../api-v1.ts'
import { useLiveTopic } from '../live/use-live.ts'
import { SERVES_JOBS } from '../parts/served.ts'
import { ALERTS } from './alert-queries.ts'
import { NoticeRule } from './notice-rule.ts'
import { toastNotice } from './notice-toast.tsx'

const rule = new NoticeRule()

type ChangeData = Extract<ServerEvent, { event: 'change' }>['data']

export function useLiveEvents(): void {
  const client = useQueryClient()
  const router = useRouter()
  const onNotice = (notice: Notice) => {
    void client.invalidateQueries({ queryKey: ['notices'] })
    if (rule.isTold(notice)) toastNotice(notice, to => void router.navigate({ to }))
  }
  useLiveTopic(SERVES_JOBS ? 'events' : undefined, message => {
    if (message.event !== 'items') return
    for (const { event, data } of message.data.items as readonly ServerEvent[]) {
      if (event === 'run') onRun(client, data)
      else if (event === 'change') onChange(client, data)
      else if (event === 'notice') onNotice(data)
    }
  })
}

function onChange(client: QueryClient, { kind, id }: ChangeData): void {
  const again = (...queryKey: string[]) => void client.invalidateQueries({ queryKey })
  if (kind === 'hook') {
    again('hooks')
    again('runs', id, 'log')
  } else if (kind === 'alert') void client.invalidateQueries({ queryKey: ALERTS })
  else {
    again('jobs')
    again('connections')
  }
}

function onRun(client: QueryClient, run: RunInfo): void {
  client.setQueryData(['runs', run.id], run)
  if (run.finishedAt === null && client.getQueryState(['runs', 'of', run.jobId]) !== undefined)
    client.setQueryData(['runs', 'of', run.jobId], (known: readonly RunInfo[] | undefined) =>
      known?.map(one => (one.id === run.id ? run : one)),
    )
  const last = client.getQueryData<readonly RunSummary[]>(['runs', 'last'])
  if (last?.some(one => one.id === run.id) === false || run.finishedAt !== null)
    void client.invalidateQueries({ queryKey: ['runs', 'last'] })
  if (run.finishedAt !== null) {
    void client.invalidateQueries({ queryKey: ['runs', 'of', run.jobId] })
    void client.invalidateQueries({ queryKey: ['jobs'] })
  }
}
