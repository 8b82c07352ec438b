/**
 * The routes of API tokens: a caller sees and deletes the own ones, an administrator all of them.
 * A token is shown in the answer that makes it and never again; none is made by another token.
 * Shapes: src/api-v1-access.ts. Spec: backlog-replication 2.16, 2.17.
 */
import type { TokenDraft } from '../../api-v1-access.ts'
import type { Replicator } from '../../replicate/index.ts'
import type { Callers } from '../callers.ts'
import { empty, json } from '../route.ts'
import { problem } from './problem.ts'
import { callerOf } from './rights.ts'
import { audit, body, id, items, type Row } from './v1-calls.ts'

export function tokenRows(replicator: Replicator, callers?: Callers): Row[] {
  const { tokens } = replicator
  return [
    [
      'GET /tokens',
      'API tokens of the caller; of everybody for an administrator.',
      call => items(tokens.list(callerOf(call))),
    ],
    [
      'POST /tokens',
      'Makes an API token, which is shown in this answer only.',
      call => {
        if (callerOf(call).token !== undefined)
          return problem(403, 'an API token makes no other tokens: sign in as a user')
        const made = tokens.make(body<TokenDraft>(call), callerOf(call))
        audit(replicator, call, ['token created', made.info.name, made.info.role])
        return json(201, made)
      },
    ],
    [
      'DELETE /tokens/:id',
      'Deletes an API token; it is refused from then on.',
      call => {
        audit(replicator, call, ['token deleted', tokens.delete(id(call), callerOf(call))])
        callers?.changed()
        return empty(204)
      },
    ],
  ]
}
