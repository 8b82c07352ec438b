/**
 * What a worker serves for the page of a connector beside the Connect REST API, under
 * `/api/v1/connectors`: positions, dead letters, figures over time, activity, versions; and before
 * there is a connector, what is said of a configuration and what it makes of a record.
 * Made where the listeners of a worker are put together.
 * Invariants: routes hold for roles where the server knows any; `close` ends every timer and every
 * connection to Kafka. Shapes: src/api-v1-connectors.ts. Spec: ui 5.4, 6.
 */
import type { PositionChange, PositionsDraft, ReplayDraft } from '../api-v1-connectors.ts'
import type { ConfigSource } from '../config/index.ts'
import type { Herder } from '../connect/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { replayActivity } from './activity/activity-items.ts'
import type { Callers } from './callers.ts'
import { configRoutes } from './config-routes.ts'
import { ConnectorActivity } from './connector-activity.ts'
import { ConnectorDesk, toPlace } from './connector-desk.ts'
import { FigureHistory } from './connector-figures.ts'
import { expandedConnectors } from './connector-routes.ts'
import { ConnectorVersions } from './connector-versions.ts'
import type { LiveHub } from './live/live-hub.ts'
import type { Monitor } from './monitor/open-monitor.ts'
import { type Answer, type Call, json, nameOf, type Route } from './route.ts'
import { TableRates } from './table-rates.ts'
import { v1Route } from './v1/problem.ts'
import { withRights } from './v1/rights.ts'

export interface ConnectorPageOptions {
  readonly herder: Herder
  readonly source: ConfigSource
  readonly monitor: Pick<Monitor, 'onReading'>
  readonly logger: Logger
  readonly callers: Callers | undefined
  /** Is told of replays that are under way. */
  readonly live?: LiveHub | undefined
}

export interface ConnectorPage {
  readonly routes: readonly Route[]
  /** All routes of a worker; acts on connectors are noted. */
  watched(routes: readonly Route[]): Route[]
  close(): Promise<void>
}

const BASE = '/api/v1/connectors/:name'
/** Home shows fewer. */
const CHANGES = 20

type Parts = {
  readonly desk: ConnectorDesk
  readonly figures: FigureHistory
  readonly tables: TableRates
  readonly activity: ConnectorActivity
  readonly versions: ConnectorVersions
  /** Sees every connector as it is now. */
  readonly read: () => Promise<unknown>
}
type Row = readonly [at: string, summary: string, handle: (call: Call) => Promise<Answer> | Answer]

export function openConnectorPage(options: ConnectorPageOptions): ConnectorPage {
  const { herder, source, monitor, logger, callers } = options
  const desk = new ConnectorDesk(herder, source, logger)
  options.live?.activity.add(() => replayActivity(desk.replays))
  const figures = new FigureHistory()
  const tables = new TableRates()
  monitor.onReading((readings, atMs) => {
    figures.offer(readings, atMs)
    tables.offer(readings, atMs)
  })
  const versions = new ConnectorVersions()
  const read = async () => {
    const all = await expandedConnectors(herder)
    versions.see(all, name => activity.changedBy(name))
    return all
  }
  const activity = new ConnectorActivity(read)
  const rows = rowsOf({ desk, figures, tables, activity, versions, read }, herder)
  const plain = rows.map(([at, summary, handle]) => {
    const [method, path] = at.split(' ') as [Route['method'], string]
    return v1Route({ method, path: `${BASE}${path}`, summary, handle })
  })
  plain.push(...configRoutes(herder))
  plain.push(
    v1Route({
      ...{ method: 'GET', path: '/api/v1/changes' },
      summary: 'What happened to connectors since the worker started, newest first.',
      handle: () => json(200, { items: activity.recent(CHANGES) }),
    }),
  )
  const whoCalls = (authorization: string | undefined) =>
    callers?.callerOf(authorization)?.name ?? ''
  return {
    routes: callers === undefined ? plain : withRights(plain, callers),
    watched: routes => activity.watched(routes, whoCalls),
    close: async () => {
      activity.close()
      await desk.close()
    },
  }
}

function rowsOf(parts: Parts, herder: Herder): Row[] {
  const { desk, figures, tables, activity, versions, read } = parts
  return [
    [
      'GET /positions',
      'Positions of a connector beside the first and last records of its topics.',
      async call => json(200, await desk.positions(nameOf(call))),
    ],
    [
      'POST /positions/preview',
      'What a change of positions would mean; nothing is changed.',
      async call => json(200, await desk.preview(nameOf(call), toPositions(bodyOf(call)))),
    ],
    [
      'GET /dead-letters',
      'Dead letters, newest first, of stage= and since=.',
      async call => {
        const sinceMs = Number(call.query.get('since') ?? 0) || 0
        const stage = call.query.get('stage') ?? ''
        return json(200, await desk.deadLetters(nameOf(call), { stage, sinceMs }))
      },
    ],
    [
      'GET /dead-letters/:partition/:offset',
      'One dead letter with its contents.',
      async call => {
        const place = toPlace(`${call.params['partition']}/${call.params['offset']}`)
        return json(200, await desk.deadLetter(nameOf(call), place))
      },
    ],
    [
      'POST /dead-letters/replay',
      'Sends dead letters back to their topics.',
      async call => json(200, await desk.replay(nameOf(call), toReplay(bodyOf(call)))),
    ],
    [
      'GET /figures',
      'Figures of a connector over the last half hour.',
      async call => {
        await herder.info(nameOf(call))
        return json(200, figures.view(nameOf(call)))
      },
    ],
    [
      'GET /tables',
      'Records of each topic and table of a sink, and how many come per second.',
      async call => {
        await herder.info(nameOf(call))
        return json(200, { items: tables.list(nameOf(call)) })
      },
    ],
    [
      'GET /activity',
      'What happened to a connector since the worker started, newest first.',
      async call => {
        await herder.info(nameOf(call))
        return json(200, { items: activity.list(nameOf(call)) })
      },
    ],
    [
      'GET /versions',
      'Configurations of a connector since the worker started, newest first.',
      async call => {
        await herder.info(nameOf(call))
        await read()
        return json(200, { items: versions.list(nameOf(call)) })
      },
    ],
  ]
}

type Fields = Readonly<Record<string, unknown>>

function bodyOf(call: Call): Fields {
  const value: unknown = JSON.parse(call.body === '' ? '{}' : call.body)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields
  throw new SyntaxError('expected a JSON object')
}

const TARGETS = new Set(['earliest', 'latest', 'time', 'offset', 'shift', 'remove'])

function toPositions({ items }: Fields): PositionsDraft {
  if (!Array.isArray(items)) throw new SyntaxError('items: expected a list')
  const changes = items.map((one: Fields): PositionChange => {
    const { topic, partition, to, value } = one
    if (typeof topic !== 'string' || !Number.isInteger(partition)) {
      throw new SyntaxError('items: expected topic and partition')
    }
    if (typeof to !== 'string' || !TARGETS.has(to)) {
      throw new SyntaxError(`items: to: expected one of ${[...TARGETS].join(', ')}`)
    }
    return {
      ...{ topic, partition: Number(partition), to: to as PositionChange['to'] },
      ...(value === undefined ? {} : { value: String(value) }),
    }
  })
  return { items: changes }
}

function toReplay({ ids, stage, error, value }: Fields): ReplayDraft {
  const areTexts = Array.isArray(ids) && ids.every(one => typeof one === 'string')
  if (ids !== undefined && !areTexts) throw new SyntaxError('ids: expected a list of texts')
  // A condition that is not understood must not mean all letters.
  for (const [name, given] of Object.entries({ stage, error, value })) {
    if (given !== undefined && typeof given !== 'string') {
      throw new SyntaxError(`${name}: expected a text`)
    }
  }
  return {
    ...(areTexts ? { ids } : {}),
    ...(typeof stage === 'string' ? { stage } : {}),
    ...(typeof error === 'string' ? { error } : {}),
    ...(typeof value === 'string' ? { value } : {}),
  }
}
