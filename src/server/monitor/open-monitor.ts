/**
 * Monitoring of a server: figures over time, the last lines of its log, who called; routes and live topics.
 * Opened where the listeners of a server are put together.
 * Invariants: everything is bounded and in memory; who called is for administrators; `close` ends every
 * timer. Shapes: src/api-v1-monitor.ts. Spec: ui 5.7 (Monitoring), 6.
 */
import type { AccessLine, AppLogLine } from '../../api-v1-monitor.ts'
import type { Logger, MetricRegistry } from '../../telemetry/index.ts'
import type { Callers } from '../callers.ts'
import type { LiveHub } from '../live/live-hub.ts'
import { json, type Route } from '../route.ts'
import { v1Route } from '../v1/problem.ts'
import { withRights } from '../v1/rights.ts'
import { items } from '../v1/v1-calls.ts'
import { LineRing } from './line-ring.ts'
import { type ReadingListener, WorkerHistory } from './worker-figures.ts'

export interface MonitorOptions {
  readonly logger: Logger
  readonly registry: MetricRegistry
  readonly live: LiveHub | undefined
  readonly callers: Callers
}

export interface Monitor {
  readonly routes: readonly Route[]
  /** A call was answered. */
  readonly called: (line: AccessLine) => void
  /** Gets every reading of all metrics, about one a second. */
  onReading(listener: ReadingListener): void
  close(): void
}

const BASE = '/api/v1/monitor'
const MINUTES_MAX = 24 * 60
const MINUTES = 15

export function openMonitor({ logger, registry, live, callers }: MonitorOptions): Monitor {
  const history = new WorkerHistory(registry)
  const log = new LineRing<AppLogLine>()
  const access = new LineRing<AccessLine>()
  const stop = logger.onLine((line, level) => log.add(toLine(line, level)))
  live?.provide('figures', history.topic)
  live?.provide('log', log.topic('viewer'))
  live?.provide('access', access.topic('admin'))
  const rows = [
    [
      'figures',
      'Figures of this worker over time; `minutes=` how far back.',
      (query: URLSearchParams) => json(200, history.view(minutesOf(query))),
    ],
    ['log', 'The last lines of the log, oldest first.', () => items(log.lines)],
    ['access', 'The last calls of the API, oldest first.', () => items(access.lines)],
  ] as const
  const routes = rows.map(([path, summary, answer]) =>
    v1Route({
      ...{ method: 'GET', path: `${BASE}/${path}`, summary },
      handle: call => answer(call.query),
    }),
  )
  return {
    routes: withRights(routes, callers),
    called: line => access.add(line),
    onReading: listener => history.onReading(listener),
    close: () => {
      stop()
      history.close()
    },
  }
}

function minutesOf(query: URLSearchParams): number {
  const given = Number(query.get('minutes') ?? MINUTES)
  return Number.isFinite(given) && given > 0 ? Math.min(given, MINUTES_MAX) : MINUTES
}

const LEAD = new Set(['time', 'level', 'room', 'component', 'connector', 'task', 'msg', 'code'])

function toLine(line: Readonly<Record<string, unknown>>, level: string): AppLogLine {
  const { time, room, component, connector, task, msg, code } = line
  const object = [connector, task].filter(one => one !== undefined).join('/')
  const more = Object.entries(line)
    .filter(([key, value]) => !LEAD.has(key) && value !== undefined)
    .map(([key, value]) => ` ${key}=${String(value)}`)
  return {
    time: String(time),
    level: level as AppLogLine['level'],
    room: [room, component].filter(one => one !== undefined).join('.'),
    ...{ object, text: `${String(msg)}${more.join('')}` },
    code: code === undefined ? null : String(code),
  }
}
