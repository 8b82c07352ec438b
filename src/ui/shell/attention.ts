/**
 * How many things need attention, by section: for the numbers of the navigation and the title of the tab.
 * Used by the shell. Invariant: it is the list that Home shows, counted, and never a total of objects.
 * Spec: ui 2 (numbers, titles).
 */
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { AttentionItem } from '../../api-v1-home.ts'
import { attentionQuery } from '../home/home-queries.ts'
import { sessionQuery } from '../parts/session.ts'
import { setAroundTitle } from '../parts/title.ts'

export function useAttention(): ReadonlyMap<string, number> {
  const { data } = useQuery(attentionQuery)
  return countBySection(data?.items ?? [])
}

export function countBySection(
  items: readonly Pick<AttentionItem, 'section'>[],
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { section } of items) counts.set(section, (counts.get(section) ?? 0) + 1)
  return counts
}

/** Once, by the shell; pages without it have a plain title. */
export function useAroundTitle(): void {
  const attention = useQuery(attentionQuery).data?.items.length ?? 0
  const isSandbox = useQuery(sessionQuery).data?.sandbox != null
  useEffect(() => {
    setAroundTitle({ attention, isSandbox })
    return () => setAroundTitle({ attention: 0, isSandbox: false })
  }, [attention, isSandbox])
}
