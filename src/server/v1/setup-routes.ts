/**
 * The first administrator of a server that others can reach: `POST /setup` makes it by the code of the
 * server's log and signs in. Whether it is needed is told by session-routes.ts, on every server.
 * Open to callers without a login; on servers where users are managed.
 * Invariants: without the code nothing is made or told; there is only one first.
 * Shapes: src/api-v1-access.ts. Spec: backlog-replication 2.17; ui 5.2.
 */
import type { SetupDraft } from '../../api-v1-access.ts'
import type { Replicator } from '../../replicate/index.ts'
import { type Callers, RESERVED_NAMES } from '../callers.ts'
import type { Call, Route } from '../route.ts'
import { problem, v1Route } from './problem.ts'
import { begun } from './session-routes.ts'
import { body } from './v1-calls.ts'

const WRONG = 'expected the setup code of the server’s log, found another'

export function setupRoutes(replicator: Replicator, callers: Callers): Route[] {
  return [
    v1Route({
      method: 'POST',
      path: '/api/v1/setup',
      summary: 'Makes the first administrator by the setup code, and signs in.',
      body: '`{"code", "name", "password"}`',
      handle: call => setUp(call, { replicator, callers }),
    }),
  ]
}

async function setUp(call: Call, of: { replicator: Replicator; callers: Callers }) {
  const { replicator, callers } = of
  const { code, name, password } = body<SetupDraft>(call)
  const { setup } = callers
  if (setup === undefined)
    return problem(409, 'this server has users, or needs none: sign in at /ui/login')
  if (typeof code !== 'string' || !setup.isRight(code))
    return problem(403, WRONG, { errors: [{ field: 'code', message: WRONG }] })
  const isFirst = () => callers.setup === setup
  const draft = { name, role: 'admin', password } as const
  const added = await replicator.users.add(draft, { reserved: RESERVED_NAMES, isStill: isFirst })
  // Those of somebody else who had that name once, in the configuration.
  replicator.tokens.deleteOf(added.name)
  callers.changed()
  replicator.audit(added.name, 'user added', added.name, 'admin, by the setup code')
  return begun(call, callers.sessions.begin(added.name, undefined))
}
