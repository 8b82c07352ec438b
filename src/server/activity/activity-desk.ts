/**
 * Long acts that are under way on this server, from whoever does them: the live topic `activity` and its
 * route. Part of the live hub, so that rooms of routes add their acts where they provide their topics.
 * Invariants: one source that cannot be read hides no other; the list is bounded; reading it costs
 * nothing but memory, no server is asked.
 * Shapes: src/api-v1-activity.ts. Spec: ui 4.3 (the Activity tray).
 */
import type { ActivityInfo, ActivityItem } from '../../api-v1-activity.ts'
import { Logger } from '../../telemetry/index.ts'
import { type LiveTopic, polledTopic } from '../live/live-topic.ts'
import { json, type Route } from '../route.ts'
import { v1Route } from '../v1/problem.ts'

export type ReadActivity = () => readonly ActivityItem[]

const LIVE_MS = 1_000
const ITEMS_MAX = 100

export class ActivityDesk {
  readonly #sources: ReadActivity[] = []

  add(source: ReadActivity): void {
    this.#sources.push(source)
  }

  list(): ActivityInfo {
    const items = this.#sources.flatMap(read => {
      try {
        return read()
      } catch {
        // What it reads is being closed: it has no acts then.
        return []
      }
    })
    const started = ({ startedAt }: ActivityItem) => startedAt ?? ''
    return { items: items.sort((a, b) => (started(a) < started(b) ? -1 : 1)).slice(0, ITEMS_MAX) }
  }

  topic(): LiveTopic {
    return polledTopic(() => this.list(), { everyMs: LIVE_MS, logger: Logger.silent() })
  }

  routes(): Route[] {
    return [
      v1Route({
        method: 'GET',
        path: '/api/v1/activity',
        summary: 'Long acts under way: runs, snapshots, copies, validations, replays.',
        handle: () => json(200, this.list()),
      }),
    ]
  }
}
