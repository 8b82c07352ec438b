/**
 * The calls between workers of a cluster. They need no login; they are signed, and whoever is not
 * a worker is refused. A worker that runs alone refuses them all.
 * Spec: connect-rest 2.6.
 */
import type { Herder, InternalCall } from '../connect/index.ts'
import { type Call, empty, nameOf, type Route } from './route.ts'

export function internalRoutes(herder: Herder): Route[] {
  return [
    {
      method: 'POST',
      path: '/connectors/:name/tasks',
      summary: 'Between workers: the configurations of the tasks. Signed.',
      takesBody: true,
      handle: async call => {
        await herder.putTaskConfigs(nameOf(call), toInternal(call))
        return empty(204)
      },
    },
    {
      method: 'PUT',
      path: '/connectors/:name/fence',
      summary: 'Between workers: ends the transactions of earlier tasks. Signed.',
      handle: async call => {
        await herder.fence(nameOf(call), toInternal(call))
        return empty(204)
      },
    },
  ]
}

/** Whether a call is one of these; they pass without a login. */
export function isInternalCall(method: string, path: string): boolean {
  return INTERNAL.some(one => one.method === method && one.path.test(path))
}

const INTERNAL = [
  { method: 'POST', path: /^\/connectors\/[^/]+\/tasks\/?$/ },
  { method: 'PUT', path: /^\/connectors\/[^/]+\/fence\/?$/ },
]

function toInternal({ body, headers }: Call): InternalCall {
  return {
    body,
    signature: headers['x-connect-authorization'],
    algorithm: headers['x-connect-request-signature-algorithm'],
  }
}
