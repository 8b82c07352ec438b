/**
 * The calls on change capture: destinations, channels, agents, gaps, under `/api/v1/cdc`.
 * Served by a worker that captures; the command line `advrep` is made of these calls.
 * Invariant: names come as stored (case kept); passwords of drivers never leave.
 * Spec: cdc-replication 2.7.
 */
import type {
  Capture,
  Channel,
  ChannelKey,
  ChannelOptions,
  ChannelSelector,
  Destination,
  DestinationChanges,
} from '../source/index.ts'
import { captureAgentRoutes } from './capture-agent-routes.ts'
import {
  type Body,
  booleanOf,
  parseBody,
  refused,
  required,
  textOf,
  textsOf,
} from './capture-body.ts'
import { captureClusterRoutes } from './capture-cluster-routes.ts'
import { captureConfRoutes } from './capture-conf-routes.ts'
import { captureQueueRoutes } from './capture-queue-routes.ts'
import { captureSnapshotRoutes } from './capture-snapshot-routes.ts'
import { shownChannel, shownDestination, shownGap } from './capture-views.ts'
import { type Call, empty, isTrue, json, type Route } from './route.ts'

const BASE = '/api/v1/cdc'
const CHANNEL = `${BASE}/channels/:dc/:keyspace/:table/:destination`

const DESTINATION = '"addresses": [...], "transmissionEnabled", "driver": {...}'
const SELECTOR = '"sourceKeyspace", "sourceTable", "destinations": [...], "dataCenterIds": [...]'
const CHANNEL_OPTIONS =
  '"destinationKeyspace", "destinationTable", "sourceId", "sourceIdColumn", "order", "priority", "collectionEnabled", "transmissionEnabled", "queueMaxBytes", "queueFull", "emit"'

export function captureRoutes(capture: Capture): Route[] {
  return [
    ...destinationRoutes(capture),
    ...channelRoutes(capture),
    ...bulkRoutes(capture),
    ...captureClusterRoutes(capture, BASE),
    ...captureAgentRoutes(capture, BASE),
    ...captureConfRoutes(capture, BASE),
    ...captureQueueRoutes(capture, BASE),
    ...captureSnapshotRoutes(capture, BASE),
    {
      method: 'GET',
      path: `${BASE}/gaps`,
      summary: 'Gaps: changes that were made and will not be delivered',
      handle: () => json(200, capture.gaps.map(shownGap)),
    },
    {
      method: 'POST',
      path: `${BASE}/gaps/:id/ack`,
      summary: 'Closes a gap',
      handle: call => json(200, shownGap(capture.acknowledgeGap(Number(call.params['id'])))),
    },
  ]
}

function destinationRoutes(capture: Capture): Route[] {
  const path = `${BASE}/destinations/:name`
  const nameOf = (call: Call) => call.params['name'] ?? ''
  return [
    {
      method: 'GET',
      path: `${BASE}/destinations`,
      summary: 'Destinations',
      handle: () => json(200, capture.destinations.map(shownDestination)),
    },
    {
      method: 'POST',
      path: `${BASE}/destinations`,
      summary: 'Creates a destination',
      body: `\`{"name", ${DESTINATION}}\``,
      takesBody: true,
      handle: async call => {
        const body = parseBody(call)
        const name = required(body, 'name')
        const made = await capture.createDestination(name, destinationChanges(body))
        return json(201, shownDestination(made))
      },
    },
    {
      method: 'GET',
      path,
      summary: 'A destination',
      handle: call => json(200, shownDestination(capture.destination(nameOf(call)))),
    },
    {
      method: 'PATCH',
      path,
      summary: 'Changes a destination',
      body: `\`{${DESTINATION}}\`, each if it changes; null: back to its default`,
      takesBody: true,
      handle: async call => {
        const name = nameOf(call)
        const body = withDefaults(parseBody(call), capture.destination(name))
        const made = await capture.updateDestination(name, destinationChanges(body))
        return json(200, shownDestination(made))
      },
    },
    {
      method: 'DELETE',
      path,
      summary: 'Deletes a destination',
      query: { force: 'true: its channels and their queues as well' },
      handle: async call => {
        await capture.deleteDestination(nameOf(call), isTrue(call.query, 'force'))
        return empty(204)
      },
    },
  ]
}

function channelRoutes(capture: Capture): Route[] {
  return [
    {
      method: 'GET',
      path: `${BASE}/channels`,
      summary: 'Channels, with what waits for delivery',
      query: {
        ...{ keyspace: 'of this keyspace', table: 'of this table' },
        ...{ destination: 'to it; may be repeated', dc: 'of this data centre; may be repeated' },
      },
      handle: call => json(200, capture.channels(querySelector(call)).map(shown(capture))),
    },
    {
      method: 'POST',
      path: `${BASE}/channels`,
      summary: 'Creates a channel; its table is captured when it answers',
      body: `\`{"sourceKeyspace", "sourceTable", "destination", "dataCenterId", "noAlter", ${CHANNEL_OPTIONS}}\`, the first three at least; the answer has \`notes\` for people`,
      takesBody: true,
      handle: async call => {
        const body = parseBody(call)
        const dataCenter = textOf(body, 'dataCenterId')
        const { channel, notes } = await capture.createChannel({
          ...channelOptions(body),
          keyspace: required(body, 'sourceKeyspace'),
          table: required(body, 'sourceTable'),
          destination: required(body, 'destination'),
          ...(dataCenter === undefined ? {} : { dataCenter }),
          noAlter: body['noAlter'] === true,
        })
        return json(201, { ...shown(capture)(channel), notes })
      },
    },
    {
      method: 'GET',
      path: CHANNEL,
      summary: 'A channel',
      handle: call => json(200, shown(capture)(capture.channel(keyOf(call)))),
    },
    {
      method: 'PATCH',
      path: CHANNEL,
      summary: 'Changes a channel',
      body: `\`{${CHANNEL_OPTIONS}}\`, each if it changes`,
      takesBody: true,
      handle: async call => {
        const options = channelOptions(parseBody(call))
        return json(200, shown(capture)(await capture.updateChannel(keyOf(call), options)))
      },
    },
    {
      method: 'DELETE',
      path: CHANNEL,
      summary: 'Deletes a channel and its queue',
      handle: async call => {
        await capture.deleteChannel(keyOf(call))
        return empty(204)
      },
    },
    {
      method: 'GET',
      path: `${CHANNEL}/count`,
      summary: 'What waits for delivery in a channel',
      handle: call => {
        const { messages, bytes, oldestAtMs } = capture.count(capture.channel(keyOf(call)))
        const oldestAt = oldestAtMs === undefined ? null : new Date(oldestAtMs).toISOString()
        return json(200, { messages, bytes, oldestAt })
      },
    },
  ]
}

function bulkRoutes(capture: Capture): Route[] {
  const change = (name: 'pause' | 'resume'): Route => ({
    method: 'POST',
    path: `${BASE}/channels/${name}`,
    summary: name === 'pause' ? 'Stops collection or transmission' : 'Lets them go on',
    body: `\`{${SELECTOR}, "collection", "transmission"}\`; neither: both`,
    takesBody: true,
    handle: async call => {
      const body = parseBody(call)
      const isNone = body['collection'] !== true && body['transmission'] !== true
      const channels = await capture.switchChannels(bodySelector(body), {
        collection: isNone || body['collection'] === true,
        transmission: isNone || body['transmission'] === true,
        enabled: name === 'resume',
      })
      return json(200, { channels: channels.map(shown(capture)), applied: applied(channels) })
    },
  })
  // What is queued for whom is decided here: it holds for all agents and tasks when it is answered.
  const applied = (channels: readonly Channel[]) => {
    const dataCenters = new Set(channels.map(one => one.dataCenter))
    const { length } = capture.agents.filter(one => dataCenters.has(one.dataCenter))
    return `${length} of ${length}`
  }
  return [
    change('pause'),
    change('resume'),
    {
      method: 'POST',
      path: `${BASE}/channels/truncate`,
      summary: 'Drops what is queued now',
      body: `\`{${SELECTOR}}\``,
      takesBody: true,
      handle: async call => {
        const done = await capture.truncate(bodySelector(parseBody(call)))
        const channels = done.map(({ channel, messages }) => ({
          ...shown(capture)(channel),
          messages,
        }))
        return json(200, { channels })
      },
    },
    {
      method: 'POST',
      path: `${BASE}/channels/snapshot`,
      summary: 'Orders the rows that tables have, or calls the order off',
      body: `\`{${SELECTOR}, "mode": "initial" or "cancel"}\``,
      takesBody: true,
      handle: async call => {
        const body = parseBody(call)
        const mode = snapshotMode(body['mode'])
        const channels = await capture.snapshot(bodySelector(body), mode)
        return json(200, { channels: channels.map(shown(capture)) })
      },
    },
  ]
}

function snapshotMode(given: unknown): 'initial' | 'cancel' {
  if (given === undefined || given === 'initial') return 'initial'
  if (given === 'cancel') return 'cancel'
  throw refused(`mode: expected initial or cancel, found ${JSON.stringify(given)}`)
}

function shown(capture: Capture) {
  return (channel: Channel) => shownChannel(capture, channel)
}

function keyOf(call: Call): ChannelKey {
  const { dc = '', keyspace = '', table = '', destination = '' } = call.params
  return { dataCenter: dc, keyspace, table, destination }
}

function querySelector({ query }: Call): ChannelSelector {
  const keyspace = query.get('keyspace')
  const table = query.get('table')
  return {
    ...(keyspace === null ? {} : { keyspace }),
    ...(table === null ? {} : { table }),
    destinations: query.getAll('destination'),
    dataCenters: query.getAll('dc'),
  }
}

function bodySelector(body: Body): ChannelSelector {
  return {
    keyspace: required(body, 'sourceKeyspace'),
    table: required(body, 'sourceTable'),
    destinations: textsOf(body, 'destinations') ?? [],
    dataCenters: textsOf(body, 'dataCenterIds') ?? [],
  }
}

/** What is null in it goes back to its default. */
function withDefaults(body: Body, { driver }: Destination): Body {
  const { transmissionEnabled, addresses, driver: given } = body
  const none = Object.fromEntries(Object.keys(driver).map(name => [name, null]))
  return {
    ...body,
    ...(transmissionEnabled === null ? { transmissionEnabled: true } : {}),
    ...(addresses === null ? { addresses: [] } : {}),
    ...(given === null ? { driver: none } : {}),
  }
}

/** A driver option that is null goes back to its default. */
function destinationChanges(body: Body): DestinationChanges {
  const transmissionEnabled = booleanOf(body, 'transmissionEnabled')
  const addresses = textsOf(body, 'addresses')
  const { driver } = body
  if (driver !== undefined && (typeof driver !== 'object' || Array.isArray(driver))) {
    throw refused('driver: expected an object of texts')
  }
  return {
    ...(transmissionEnabled === undefined ? {} : { transmissionEnabled }),
    ...(addresses === undefined ? {} : { addresses }),
    ...(driver === undefined || driver === null ? {} : { driver: driver as never }),
  }
}

function orderOf(body: Body): ChannelOptions {
  const order = textOf(body, 'order')?.toUpperCase()
  if (order === undefined) return {}
  if (order === 'FIFO' || order === 'LIFO') return { order }
  throw refused(`order: expected FIFO or LIFO, found ${order}`)
}

function limitsOf(body: Body): ChannelOptions {
  const { queueMaxBytes } = body
  const queueFull = textOf(body, 'queueFull')
  if (
    queueMaxBytes !== undefined &&
    !(Number.isInteger(queueMaxBytes) && Number(queueMaxBytes) >= 0)
  ) {
    throw refused('queueMaxBytes: expected a whole number; 0: no limit')
  }
  if (queueFull !== undefined && !QUEUE_FULL.has(queueFull)) {
    throw refused(`queueFull: expected one of ${[...QUEUE_FULL].join(', ')}, found ${queueFull}`)
  }
  const emit = textOf(body, 'emit')
  if (emit !== undefined && !EMIT.has(emit)) {
    throw refused(`emit: expected one of ${[...EMIT].join(', ')}, found ${emit}`)
  }
  return {
    ...(emit === undefined ? {} : { emit: emit as Channel['emit'] }),
    ...(queueMaxBytes === undefined ? {} : { queueMaxBytes: Number(queueMaxBytes) }),
    ...(queueFull === undefined ? {} : { queueFull: queueFull as Channel['queueFull'] }),
  }
}

const EMIT: ReadonlySet<string> = new Set(['first', 'primary', 'quorum'])
const QUEUE_FULL: ReadonlySet<string> = new Set(['alarm', 'block', 'drop-oldest'])

function channelOptions(body: Body): ChannelOptions {
  const texts = ['destinationKeyspace', 'destinationTable', 'sourceId', 'sourceIdColumn'] as const
  const given = texts.flatMap(name => {
    const value = textOf(body, name)
    return value === undefined ? [] : [[name, value] as const]
  })
  const priority = body['priority']
  if (priority !== undefined && !(Number.isInteger(priority) && Number(priority) > 0)) {
    throw refused('priority: expected a whole number above 0')
  }
  const collectionEnabled = booleanOf(body, 'collectionEnabled')
  const transmissionEnabled = booleanOf(body, 'transmissionEnabled')
  return {
    ...Object.fromEntries(given),
    ...orderOf(body),
    ...limitsOf(body),
    ...(priority === undefined ? {} : { priority: Number(priority) }),
    ...(collectionEnabled === undefined ? {} : { collectionEnabled }),
    ...(transmissionEnabled === undefined ? {} : { transmissionEnabled }),
  }
}
