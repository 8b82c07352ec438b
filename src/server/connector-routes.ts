/**
 * The calls on connectors, with the statuses that clients check exactly: 202 for pause and resume,
 * 204 for stop and delete, 201 with Location for a new connector.
 * Spec: connect-rest 2.2, 2.3, 3, 4.
 */
import type { ExpandedConnector } from '../api.ts'
import { ScamanderError } from '../base/scamander-error.ts'
import { CONNECT_ERRORS, type StandaloneWorker } from '../connect/index.ts'
import { parseChanges, parseConfig, parseNewConnector } from './request-body.ts'
import { type Answer, type Call, empty, isTrue, json, type Route } from './route.ts'

export function connectorRoutes(worker: StandaloneWorker): Route[] {
  const one = '/connectors/:name'
  const nameOf = (call: Call) => call.params['name'] ?? ''
  return [
    { method: 'GET', path: '/connectors', handle: call => list(worker, call.query) },
    {
      method: 'POST',
      path: '/connectors',
      takesBody: true,
      handle: async call => {
        const { name, config, target } = parseNewConnector(call.body)
        return created((await worker.create(name, config, target)).info)
      },
    },
    { method: 'GET', path: one, handle: call => json(200, worker.info(nameOf(call))) },
    {
      method: 'DELETE',
      path: one,
      handle: async call => {
        await worker.delete(nameOf(call))
        return empty(204)
      },
    },
    {
      method: 'GET',
      path: `${one}/config`,
      handle: call => json(200, worker.shownConfig(nameOf(call))),
    },
    {
      method: 'PUT',
      path: `${one}/config`,
      takesBody: true,
      handle: async call => {
        const { info, isNew } = await worker.put(nameOf(call), parseConfig(call.body))
        return isNew ? created(info) : json(200, info)
      },
    },
    {
      method: 'PATCH',
      path: `${one}/config`,
      takesBody: true,
      handle: async call => {
        const { info } = await worker.patch(nameOf(call), parseChanges(call.body))
        return json(200, info)
      },
    },
    {
      method: 'GET',
      path: `${one}/status`,
      handle: call => json(200, worker.status(nameOf(call))),
    },
    {
      method: 'GET',
      path: `${one}/offsets`,
      handle: async call => json(200, await worker.offsets(nameOf(call))),
    },
    ...actionRoutes(worker, nameOf),
    ...taskRoutes(worker, nameOf),
  ]
}

function actionRoutes(worker: StandaloneWorker, nameOf: (call: Call) => string): Route[] {
  const action = (what: 'pause' | 'resume' | 'stop', status: number): Route => ({
    method: 'PUT',
    path: `/connectors/:name/${what}`,
    handle: async call => {
      await worker[what](nameOf(call))
      return empty(status)
    },
  })
  return [
    action('pause', 202),
    action('resume', 202),
    action('stop', 204),
    {
      method: 'POST',
      path: '/connectors/:name/restart',
      handle: async call => {
        const includeTasks = isTrue(call.query, 'includeTasks')
        const onlyFailed = isTrue(call.query, 'onlyFailed')
        const status = await worker.restart(nameOf(call), { includeTasks, onlyFailed })
        return includeTasks || onlyFailed ? json(202, status) : empty(204)
      },
    },
  ]
}

function taskRoutes(worker: StandaloneWorker, nameOf: (call: Call) => string): Route[] {
  return [
    {
      method: 'GET',
      path: '/connectors/:name/tasks',
      handle: call => json(200, worker.tasks(nameOf(call))),
    },
    {
      method: 'GET',
      path: '/connectors/:name/tasks/:task/status',
      handle: call => json(200, worker.taskStatus(nameOf(call), taskOf(call))),
    },
    {
      method: 'POST',
      path: '/connectors/:name/tasks/:task/restart',
      handle: async call => {
        await worker.restartTask(nameOf(call), taskOf(call))
        return empty(204)
      },
    },
  ]
}

/** Names, or an object by name when anything is expanded. */
function list(worker: StandaloneWorker, query: URLSearchParams): Answer {
  const expand = query.getAll('expand')
  if (expand.length === 0) return json(200, worker.names)
  const expanded: Record<string, ExpandedConnector> = {}
  for (const name of worker.names) {
    expanded[name] = {
      ...(expand.includes('status') ? { status: worker.status(name) } : {}),
      ...(expand.includes('info') ? { info: worker.info(name) } : {}),
    }
  }
  return json(200, expanded)
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
