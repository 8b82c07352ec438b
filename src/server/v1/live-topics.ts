/**
 * The live topics of replication: `jobs`, the list as `GET /jobs` has it, and `events`, the tail of what
 * `GET /events` tells. Provided to the hub where the server is put together.
 * Spec: ui 4.3; backlog-replication 2.12.
 */
import type { Replicator } from '../../replicate/index.ts'
import type { LiveHub } from '../live/live-hub.ts'
import { changedTopic } from '../live/live-topic.ts'

export function provideReplication(live: LiveHub, replicator: Replicator): void {
  const jobs = changedTopic(
    () => replicator.jobs(),
    listener => replicator.onEvent(listener),
  )
  live.provide('jobs', jobs)
  live.provide('events', {
    open: (_key, sink) => ({ close: replicator.onEvent(event => sink.items([event])) }),
  })
}
