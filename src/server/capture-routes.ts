/**
 * The calls on change capture: destinations, channels, agents, gaps, under `/api/v1/cdc`.
 * Served by a worker that captures; the command line `advrep` is made of these calls.
 * Invariant: names come as stored (case kept); passwords of drivers never leave.
 * Spec: cdc-replication 2.7.
 */
import type { CaptureAgents, CaptureChannel, CaptureDestination } from '../api.ts'
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
import { type Call, empty, isTrue, json, type Route } from './route.ts'

const BASE = '/api/v1/cdc'
const CHANNEL = `${BASE}/channels/:dc/:keyspace/:table/:destination`
const HIDDEN = '[hidden]'

export function captureRoutes(capture: Capture): Route[] {
  return [
    ...destinationRoutes(capture),
    ...channelRoutes(capture),
    ...bulkRoutes(capture),
    ...captureAgentRoutes(capture, BASE),
    {
      method: 'GET',
      path: `${BASE}/agents`,
      summary: 'Nodes that are captured from',
      handle: () => {
        const agents: CaptureAgents = { agents: capture.agents, error: capture.error ?? null }
        return json(200, agents)
      },
    },
    {
      method: 'GET',
      path: `${BASE}/gaps`,
      summary: 'Gaps: segments that vanished unread',
      handle: () => json(200, capture.gaps),
    },
    {
      method: 'POST',
      path: `${BASE}/gaps/:id/ack`,
      summary: 'Closes a gap',
      handle: call => json(200, capture.acknowledgeGap(Number(call.params['id']))),
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
      takesBody: true,
      handle: async call => {
        const changes = destinationChanges(parseBody(call))
        return json(200, shownDestination(await capture.updateDestination(nameOf(call), changes)))
      },
    },
    {
      method: 'DELETE',
      path,
      summary: 'Deletes a destination',
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
      handle: call => json(200, capture.channels(querySelector(call)).map(shown(capture))),
    },
    {
      method: 'POST',
      path: `${BASE}/channels`,
      summary: 'Creates a channel; its table is captured when it answers',
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
    takesBody: true,
    handle: async call => {
      const body = parseBody(call)
      const isNone = body['collection'] !== true && body['transmission'] !== true
      const channels = await capture.switchChannels(bodySelector(body), {
        collection: isNone || body['collection'] === true,
        transmission: isNone || body['transmission'] === true,
        enabled: name === 'resume',
      })
      return json(200, { channels: channels.map(shown(capture)) })
    },
  })
  return [
    change('pause'),
    change('resume'),
    {
      method: 'POST',
      path: `${BASE}/channels/truncate`,
      summary: 'Drops what is queued now',
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
  ]
}

function shownDestination({ driver, ...rest }: Destination): CaptureDestination {
  const safe = Object.entries(driver).map(([name, value]) => [
    name,
    /pwd|password/.test(name) ? HIDDEN : value,
  ])
  return { ...rest, driver: Object.fromEntries(safe) }
}

function shown(capture: Capture): (channel: Channel) => CaptureChannel {
  const destinations = new Map(capture.destinations.map(one => [one.name, one]))
  return channel => {
    const { messages, bytes, oldestAtMs } = capture.count(channel)
    const { dataCenter, keyspace, table, id: _id, ...rest } = channel
    const destination = destinations.get(channel.destination)
    return {
      ...rest,
      ...{ dataCenterId: dataCenter, sourceKeyspace: keyspace, sourceTable: table },
      destinationEnabled: destination?.transmissionEnabled ?? false,
      isCassandra: (destination?.addresses.length ?? 0) > 0,
      stats: {
        ...{ queued: messages, queuedBytes: bytes },
        lagSeconds: oldestAtMs === undefined ? 0 : Math.max(0, (Date.now() - oldestAtMs) / 1000),
        agents: capture.agents.filter(one => one.dataCenter === dataCenter).length,
        error: capture.error ?? null,
      },
    }
  }
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

function destinationChanges(body: Body): DestinationChanges {
  const transmissionEnabled = booleanOf(body, 'transmissionEnabled')
  const addresses = textsOf(body, 'addresses')
  if (addresses !== undefined && addresses.length > 0) {
    throw refused('addresses: destinations in Cassandra are not delivered to yet; leave them out')
  }
  return transmissionEnabled === undefined ? {} : { transmissionEnabled }
}

function channelOptions(body: Body): ChannelOptions {
  const order = textOf(body, 'order')?.toUpperCase()
  if (order !== undefined && order !== 'FIFO') {
    throw refused(`order: expected FIFO, found ${order}`)
  }
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
    ...(priority === undefined ? {} : { priority: Number(priority) }),
    ...(collectionEnabled === undefined ? {} : { collectionEnabled }),
    ...(transmissionEnabled === undefined ? {} : { transmissionEnabled }),
  }
}
