/**
 * Keeps queries fresh from the live connection: one that names a topic in `meta.live` is patched by the
 * messages of that topic while a view shows it. Started once, by main.tsx.
 * Invariants: the topic's state has the shape of what the query returns; while the connection is slow
 * or gone such queries are read again every five seconds; after a reset everything is read again.
 * Spec: ui 4.3.
 */
import type { QueryClient, QueryKey } from '@tanstack/react-query'
import { liveStore } from './live-store.ts'

declare module '@tanstack/react-query' {
  interface Register {
    queryMeta: {
      /** Topic of the live connection whose state this query holds. */
      readonly live?: string
    }
  }
}

const POLL_MS = 5_000

export function followQueries(client: QueryClient): void {
  const followed = new Map<string, () => void>()
  const cache = client.getQueryCache()
  cache.subscribe(event => {
    const { query } = event
    const topic = query.meta?.live
    if (topic === undefined) return
    if (event.type === 'updated' && event.action.type === 'success') liveStore.heard()
    const isShown = query.isActive()
    const leave = followed.get(query.queryHash)
    if (isShown && leave === undefined) {
      // First a mark: a known state is told at once, and that is an event of this query again.
      followed.set(query.queryHash, () => undefined)
      followed.set(query.queryHash, follow(client, query.queryKey, topic))
    } else if (!isShown && leave !== undefined) {
      followed.delete(query.queryHash)
      leave()
    }
  })
  let isKnown = false
  liveStore.onReset(() => {
    if (isKnown) void client.invalidateQueries()
    isKnown = true
  })
  setInterval(() => {
    if (liveStore.state === 'live' || liveStore.state === 'paused') return
    const predicate = (query: { meta?: { live?: string } | undefined }) =>
      query.meta?.live !== undefined
    void client.refetchQueries({ type: 'active', predicate }, { cancelRefetch: false })
  }, POLL_MS)
}

function follow(client: QueryClient, key: QueryKey, topic: string): () => void {
  return liveStore.listen(topic, message => {
    if (message.event !== 'snapshot' && message.event !== 'patch') return
    const state = liveStore.stateOf(topic)
    if (state !== undefined) client.setQueryData(key, state)
  })
}
