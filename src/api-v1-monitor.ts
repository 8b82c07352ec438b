/**
 * The JSON shapes of monitoring in `/api/v1`, types only: figures of the worker over time, its log, and
 * who called. Importable by every room. Times are ISO 8601 in UTC, those of figures seconds since 1970.
 * Invariant: what was not known at a time is null there, never 0.
 * Spec: ui 5.7 (Monitoring), 6.
 */

/** Per second, records, milliseconds, megabytes and percent of one core. */
export type WorkerFigure =
  | 'read'
  | 'written'
  | 'failed'
  | 'deadLetters'
  | 'lag'
  | 'writeMsP50'
  | 'writeMsP99'
  | 'memory'
  | 'loopMsP99'
  | 'cpu'

/** `GET /monitor/figures?minutes=`; the topic `figures` tells one more point at a time. */
export interface WorkerFigures {
  readonly times: readonly number[]
  readonly series: Readonly<Record<WorkerFigure, readonly (number | null)[]>>
}

export interface WorkerPoint {
  readonly at: number
  readonly values: Readonly<Record<WorkerFigure, number | null>>
}

/** `GET /monitor/log`: oldest first; the topic `log` tells new ones. */
export interface AppLogLine {
  readonly time: string
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error'
  readonly room: string
  /** Connector and task, where the line is of one. */
  readonly object: string
  readonly text: string
  /** `SCM_…`, where it is an error with one. */
  readonly code: string | null
}

/** `GET /monitor/access`, for administrators; the topic `access` tells new ones. */
export interface AccessLine {
  readonly time: string
  readonly user: string
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly status: number
  readonly ms: number
}
