/**
 * One stream of events from the server: runs under way, notices of runs that ended, changes by others.
 * Used by the shell, once. The browser connects again by itself; then everything is read anew.
 * Invariants: events only refresh what was read, so a lost one is made good by the next reading; a notice
 * is shown as a toast once.
 * Spec: ui 4.3, 4.6; backlog-replication 2.12.
 */
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { Notice, RunInfo, ServerEvent } from '../../api-v1.ts'
import { SERVES_JOBS } from '../parts/served.ts'
import { ALERTS } from './alert-queries.ts'
import { toastNotice } from './notice-toast.tsx'

type ChangeData = Extract<ServerEvent, { event: 'change' }>['data']
export type StreamState = 'none' | 'connecting' | 'live' | 'reconnecting'

export function useLiveEvents(): StreamState {
  const client = useQueryClient()
  const router = useRouter()
  const [state, setState] = useState<StreamState>(SERVES_JOBS ? 'connecting' : 'none')
  useEffect(() => {
    if (!SERVES_JOBS) return
    const source = new EventSource('/api/v1/events')
    const on = (event: string, act: (data: string) => void) =>
      source.addEventListener(event, message => act((message as MessageEvent<string>).data))
    let isKnown = false
    on('hello', () => {
      setState('live')
      if (isKnown) void client.invalidateQueries()
      isKnown = true
    })
    on('run', data => onRun(client, JSON.parse(data) as RunInfo))
    on('change', data => {
      const { kind, id } = JSON.parse(data) as ChangeData
      if (kind === 'hook') {
        void client.invalidateQueries({ queryKey: ['hooks'] })
        return void client.invalidateQueries({ queryKey: ['runs', id, 'log'] })
      }
      if (kind === 'alert') return void client.invalidateQueries({ queryKey: ALERTS })
      void client.invalidateQueries({ queryKey: ['jobs'] })
      void client.invalidateQueries({ queryKey: ['connections'] })
    })
    on('notice', data => {
      const notice = JSON.parse(data) as Notice
      void client.invalidateQueries({ queryKey: ['notices'] })
      toastNotice(notice, to => void router.navigate({ to }))
    })
    source.onerror = () => setState('reconnecting')
    return () => source.close()
  }, [client, router])
  return state
}

function onRun(client: QueryClient, run: RunInfo): void {
  client.setQueryData(['runs', run.id], run)
  if (run.finishedAt === null && client.getQueryState(['runs', 'of', run.jobId]) !== undefined)
    client.setQueryData(['runs', 'of', run.jobId], (known: readonly RunInfo[] | undefined) =>
      known?.map(one => (one.id === run.id ? run : one)),
    )
  if (run.finishedAt !== null) {
    void client.invalidateQueries({ queryKey: ['runs', 'of', run.jobId] })
    void client.invalidateQueries({ queryKey: ['jobs'] })
  }
}
