/**
 * What each call of capture needs of its caller. Spec: ui 4.11.
 */
import { expect, it } from 'vitest'
import type { Method } from './route.ts'
import { leastRoleOf } from './v1/rights.ts'

it.each([
  ['GET', '/overview', 'viewer'],
  ['GET', '/tail', 'job_creator'],
  ['POST', '/channels/check', 'viewer'],
  ['POST', '/channels/pause', 'job_operator'],
  ['POST', '/channels/resume', 'job_operator'],
  ['POST', '/gaps/:id/ack', 'job_operator'],
  ['POST', '/channels', 'standard'],
  ['POST', '/channels/truncate', 'standard'],
  ['POST', '/channels/snapshot', 'standard'],
  ['POST', '/tables/:keyspace/:table/enable', 'standard'],
  ['POST', '/destinations', 'standard'],
  ['PATCH', '/destinations/:name', 'standard'],
  ['DELETE', '/channels/:dc/:keyspace/:table/:destination', 'standard'],
  ['POST', '/agents/:hostId/settle', 'standard'],
  ['GET', '/clusters', 'viewer'],
  ['GET', '/agents/:hostId', 'viewer'],
  ['POST', '/agents', 'standard'],
] as const satisfies readonly (readonly [Method, string, string])[])(
  '%s %s needs the role %s',
  (method, path, least) => {
    expect(leastRoleOf({ method, path: `/api/v1/cdc${path}` })).toBe(least)
  },
)
