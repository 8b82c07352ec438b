/**
 * What a way of the first run is: steps, each with what it asks for, whether it is done, and where it is done;
 * and the facts that they are judged by. Pure. Used by the welcome page, Home and the strip.
 * Invariants: a step is done when the server has what it asks for, never because somebody pressed a
 * button; what was there before the way was chosen counts for connections only. Every way ends where its data is seen.
 * Spec: ui 5.2 (first run).
 */
import type { ConnectionInfo, JobInfo } from '../../api-v1.ts'
import type { MigrationSummary } from '../../api-v1-migrations.ts'

export type PathKey = 'try' | 'backlog' | 'stream' | 'capture' | 'migrate' | 'paste'

export type Place =
  | { readonly kind: 'page'; readonly to: PageAddress }
  | { readonly kind: 'connector'; readonly name: string; readonly tab: string }
  | { readonly kind: 'topic'; readonly name: string }
  | { readonly kind: 'capture'; readonly tab: string }
  | { readonly kind: 'job'; readonly id: string; readonly tab: string }
  | { readonly kind: 'add-job'; readonly source: string }
  | { readonly kind: 'new-connection'; readonly of: 'cassandra' | 'backlog' }
  | { readonly kind: 'migration'; readonly name: string }
  | { readonly kind: 'tables'; readonly connection: string }

export type PageAddress =
  | '/'
  | '/connectors'
  | '/connectors/new'
  | '/connectors/paste'
  | '/data/cassandra'
  | '/migrations/new'

export interface Step {
  readonly key: string
  readonly title: string
  /** What to do, or what is seen, in one sentence. */
  readonly text: string
  /** On the button that leads there. */
  readonly verb: string
  readonly isDone: boolean
  readonly place: Place
}

export interface Way {
  readonly steps: readonly Step[]
  /** When all is done. */
  readonly end: { readonly text: string; readonly verb: string; readonly place: Place }
}

export interface SeenConnector {
  readonly name: string
  readonly isSink: boolean
  readonly isRunning: boolean
  readonly topic: string | undefined
  readonly written: number
}

export interface Facts {
  readonly connections: readonly Pick<ConnectionInfo, 'id' | 'name' | 'connector'>[]
  readonly jobs: readonly Pick<
    JobInfo,
    'id' | 'name' | 'sourceConnector' | 'destination' | 'tasks' | 'lastRun'
  >[]
  readonly connectors: readonly SeenConnector[]
  readonly destinations: number
  readonly channels: readonly { readonly id: string; readonly isDelivering: boolean }[]
  readonly migrations: readonly Pick<MigrationSummary, 'name' | 'phase'>[]
  /** The server shows tables and topics. */
  readonly canBrowse: boolean
}

/** What is kept of a way that was chosen. */
export interface Chosen {
  readonly path: PathKey
  /** Objects of before, which are not steps of this way. */
  readonly before: readonly string[]
  /** Steps of the tour that were looked at. */
  readonly seen: readonly string[]
}

const BEFORE_MAX = 2_000

/** Names of what there is, for `before`. */
export function namesOf(facts: Facts): string[] {
  return [
    ...facts.connectors.map(one => `connector ${one.name}`),
    ...facts.jobs.map(one => `job ${one.id}`),
    ...facts.channels.map(one => `channel ${one.id}`),
    ...facts.migrations.map(one => `migration ${one.name}`),
  ].slice(0, BEFORE_MAX)
}

/** Nothing that moves, or could: the page opens the welcome by itself. */
export function isNothing(facts: Facts): boolean {
  return facts.connections.length + facts.destinations + namesOf(facts).length === 0
}

/** The first that is not done; the number of steps when all are. */
export function currentStep({ steps }: Way): number {
  const found = steps.findIndex(one => !one.isDone)
  return found < 0 ? steps.length : found
}
