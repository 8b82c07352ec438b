/**
 * The live topics of replication: `jobs`, the list as `GET /jobs` has it, and `events`, the tail of what
 * `GET /events` tells. Provided to the hub where the server is put together.
 * Runs under way are among the long acts of the hub. Provided before any run begins.
 * Spec: ui 4.3; backlog-replication 2.12.
 */
import type { RunInfo } from '../../api-v1.ts'
import type { Replicator } from '../../replicate/index.ts'
import { runActivity } from '../activity/activity-items.ts'
import type { LiveHub } from '../live/live-hub.ts'
import { changedTopic } from '../live/live-topic.ts'

export function provideReplication(live: LiveHub, replicator: Replicator): void {
  const jobs = changedTopic(
    () => replicator.jobs(),
    listener => replicator.onEvent(listener),
  )
  live.provide('jobs', jobs)
  const active = new Map<string, RunInfo>()
  replicator.onEvent(({ event, data }) => {
    if (event !== 'run') return
    if (data.finishedAt === null) active.set(data.id, data)
    else active.delete(data.id)
  })
  live.activity.add(() => runActivity([...active.values()]))
  live.provide('events', {
    open: (_key, sink) => ({ close: replicator.onEvent(event => sink.items([event])) }),
  })
}
