/**
 * The calls on offsets: shown in any state, changed and reset while the connector is stopped.
 * What an offset looks like is the connector's business; numbers travel as they are.
 * Spec: connect-rest 2.3.
 */
import type { MessageInfo } from '../api.ts'
import type { Herder, OffsetsChange } from '../connect/index.ts'
import { parseOffsets } from './request-body.ts'
import { type Answer, json, nameOf, type Route } from './route.ts'

export function offsetRoutes(herder: Herder): Route[] {
  const path = '/connectors/:name/offsets'
  return [
    {
      method: 'GET',
      path,
      summary: 'Offsets of a connector: what it reads next.',
      handle: async call => json(200, await herder.offsets(nameOf(call))),
    },
    {
      method: 'PATCH',
      path,
      summary: 'Changes offsets of a stopped connector.',
      body: '`{"offsets": [{"partition": {…}, "offset": {…}}]}`; an offset of null removes it',
      takesBody: true,
      handle: async call => {
        const offsets = parseOffsets(call.body)
        return changed('altered', await herder.alterOffsets(nameOf(call), offsets))
      },
    },
    {
      method: 'DELETE',
      path,
      summary: 'Removes all offsets of a stopped connector.',
      handle: async call => changed('reset', await herder.resetOffsets(nameOf(call))),
    },
  ]
}

function changed(what: 'altered' | 'reset', by: OffsetsChange): Answer {
  const message =
    by === 'by-connector'
      ? `The offsets for this connector have been ${what} successfully`
      : `The Connect framework-managed offsets for this connector have been ${what} successfully. However, if this connector manages offsets externally, they will need to be manually ${what} in the system that the connector uses.`
  return json(200, { message } satisfies MessageInfo)
}
