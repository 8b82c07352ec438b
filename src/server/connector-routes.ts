/**
 * The calls on connectors, with the statuses that clients check exactly: 202 for pause and resume,
 * 204 for stop and delete, 201 with Location for a new connector.
 * Spec: connect-rest 2.2, 3, 4.
 */
import type { ExpandedConnector } from '../api.ts'
import { isScamanderError, ScamanderError } from '../base/scamander-error.ts'
import { CONNECT_ERRORS, type Herder } from '../connect/index.ts'
import { parseChanges, parseConfig, parseNewConnector } from './request-body.ts'
import { type Answer, type Call, empty, isTrue, json, nameOf, type Route } from './route.ts'

export function connectorRoutes(herder: Herder): Route[] {
  return [
    {
      method: 'GET',
      path: '/connectors',
      summary: 'Names of the connectors; with `expand` an object by name.',
      query: { expand: '`status`, `info`, or both by repeating it' },
      handle: call => list(herder, call.query),
    },
    {
      method: 'POST',
      path: '/connectors',
      summary: 'Creates a connector: 201, or 409 when the name is taken.',
      body: '`{"name", "config": {…}, "initial_state"}`; the state is running, paused or stopped',
      takesBody: true,
      handle: async call => {
        const { name, config, target } = parseNewConnector(call.body)
        return created((await herder.create(name, config, target)).info)
      },
    },
    {
      method: 'GET',
      path: ONE,
      summary: 'Configuration, tasks and type of a connector.',
      handle: async call => json(200, await herder.info(nameOf(call))),
    },
    {
      method: 'DELETE',
      path: ONE,
      summary: 'Deletes a connector: 204. Its offsets stay.',
      handle: async call => {
        await herder.delete(nameOf(call))
        return empty(204)
      },
    },
    ...configRoutes(herder),
    {
      method: 'GET',
      path: `${ONE}/status`,
      summary: 'States of a connector and its tasks.',
      handle: async call => json(200, await herder.status(nameOf(call))),
    },
    ...actionRoutes(herder),
    ...taskRoutes(herder),
    ...topicRoutes(herder),
  ]
}

const ONE = '/connectors/:name'

function configRoutes(herder: Herder): Route[] {
  const path = `${ONE}/config`
  return [
    {
      method: 'GET',
      path,
      summary: 'The configuration as it was given; secrets read `[hidden]`.',
      handle: async call => json(200, await herder.shownConfig(nameOf(call))),
    },
    {
      method: 'PUT',
      path,
      summary: 'Creates a connector (201) or replaces its configuration (200).',
      body: '`{"key": "value", …}`',
      takesBody: true,
      handle: async call => {
        const { info, isNew } = await herder.put(nameOf(call), parseConfig(call.body))
        return isNew ? created(info) : json(200, info)
      },
    },
    {
      method: 'PATCH',
      path,
      summary: 'Changes single settings.',
      body: '`{"key": "value", …}`; null removes a key',
      takesBody: true,
      handle: async call => {
        const { info } = await herder.patch(nameOf(call), parseChanges(call.body))
        return json(200, info)
      },
    },
  ]
}

function actionRoutes(herder: Herder): Route[] {
  const action = (what: 'pause' | 'resume' | 'stop', status: number, summary: string): Route => ({
    method: 'PUT',
    path: `${ONE}/${what}`,
    summary,
    handle: async call => {
      await herder[what](nameOf(call))
      return empty(status)
    },
  })
  return [
    action('pause', 202, 'Pauses a connector and its tasks: 202.'),
    action('resume', 202, 'Lets a paused or stopped connector go on: 202.'),
    action('stop', 204, 'Ends the tasks of a connector and keeps the connector: 204.'),
    {
      method: 'POST',
      path: `${ONE}/restart`,
      summary: 'Restarts a connector: 204; with a parameter 202 and the status.',
      query: {
        includeTasks: '`true`: its tasks too',
        onlyFailed: '`true`: only what is FAILED',
      },
      handle: async call => {
        const includeTasks = isTrue(call.query, 'includeTasks')
        const onlyFailed = isTrue(call.query, 'onlyFailed')
        const status = await herder.restart(nameOf(call), { includeTasks, onlyFailed })
        return includeTasks || onlyFailed ? json(202, status) : empty(204)
      },
    },
  ]
}

function taskRoutes(herder: Herder): Route[] {
  return [
    {
      method: 'GET',
      path: `${ONE}/tasks`,
      summary: 'Configurations of the tasks.',
      handle: async call => json(200, await herder.tasks(nameOf(call))),
    },
    {
      method: 'GET',
      path: `${ONE}/tasks/:task/status`,
      summary: 'State of one task.',
      handle: async call => json(200, await herder.taskStatus(nameOf(call), taskOf(call))),
    },
    {
      method: 'POST',
      path: `${ONE}/tasks/:task/restart`,
      summary: 'Restarts one task: 204.',
      handle: async call => {
        await herder.restartTask(nameOf(call), taskOf(call))
        return empty(204)
      },
    },
  ]
}

function topicRoutes(herder: Herder): Route[] {
  return [
    {
      method: 'GET',
      path: `${ONE}/topics`,
      summary: 'Topics that the connector has used since the list was last emptied.',
      handle: async call => {
        const name = nameOf(call)
        return json(200, { [name]: { topics: await herder.topics(name) } })
      },
    },
    {
      method: 'PUT',
      path: `${ONE}/topics/reset`,
      summary: 'Empties that list: 202.',
      handle: async call => {
        await herder.resetTopics(nameOf(call))
        return empty(202)
      },
    },
  ]
}

/** Names, or an object by name when anything is expanded. */
async function list(herder: Herder, query: URLSearchParams): Promise<Answer> {
  const expand = query.getAll('expand')
  if (expand.length === 0) return json(200, await herder.names())
  return json(200, await expandedConnectors(herder, expand))
}

/** By name; one deleted meanwhile is left out. */
export async function expandedConnectors(
  herder: Herder,
  expand: readonly string[] = ['status', 'info'],
): Promise<Record<string, ExpandedConnector>> {
  const expanded: Record<string, ExpandedConnector> = {}
  for (const name of await herder.names()) {
    const one = await unlessUnknown(async () => ({
      ...(expand.includes('status') ? { status: await herder.status(name) } : {}),
      ...(expand.includes('info') ? { info: await herder.info(name) } : {}),
    }))
    if (one !== undefined) expanded[name] = one
  }
  return expanded
}

async function unlessUnknown<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (isScamanderError(error, 'request')) return undefined
    throw error
  }
}

function created(info: { readonly name: string }): Answer {
  const location = `/connectors/${encodeURIComponent(info.name)}`
  return { status: 201, json: info, headers: { location } }
}

/** Connect's router does not match anything but a number. */
function taskOf(call: Call): number {
  const text = call.params['task'] ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new ScamanderError(CONNECT_ERRORS.UNKNOWN_CONNECTOR, 'HTTP 404 Not Found')
}
