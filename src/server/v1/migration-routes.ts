/**
 * The routes of `/api/v1/migrations`: plan a migration, look at it, move it on or back, and have the
 * server copy, validate and repair. Each calls the migration desk.
 * Invariants: phases 4 and 5 are changed by administrators only, whatever the route; so is where a
 * password or a token of the server's environment is sent.
 * Shapes: src/api-v1-migrations.ts. Spec: live-migration 5; ui 4.11, 5.6.
 */
import type {
  MigrationAccept,
  MigrationActDraft,
  MigrationAdvance,
  MigrationCluster,
  MigrationDraft,
  MigrationPatch,
  MigrationProxyChange,
} from '../../api-v1-migrations.ts'
import type { MigrationDesk } from '../../migrate/index.ts'
import { type Answer, type Call, json, type Route } from '../route.ts'
import {
  bodyOf,
  isLoginOfServer,
  toActDraft,
  toDraft,
  toProxyChange,
  toTexts,
  toUrls,
} from './migration-body.ts'
import { problem, v1Route } from './problem.ts'
import { callerOf } from './rights.ts'
import { items, userOf } from './v1-calls.ts'

const BASE = '/api/v1/migrations'
/** From here on only an administrator changes anything. */
const ADMIN_PHASE = 4

type Row = readonly [at: string, summary: string, handle: (call: Call) => Answer | Promise<Answer>]

export function migrationRoutes(desk: MigrationDesk): Route[] {
  return [...planRows(desk), ...phaseRows(desk), ...actRows(desk), ...proxyRows(desk)].map(
    ([at, summary, handle]) => {
      const [method, path] = at.split(' ') as [Route['method'], string]
      return v1Route({ method, path: `${BASE}${path}`, summary, handle })
    },
  )
}

function planRows(desk: MigrationDesk): Row[] {
  const clusterOf = (id: string) => desk.clusterOf(id)
  return [
    ['GET ', 'All migrations.', () => items(desk.list())],
    [
      'POST ',
      'Plans a migration and looks at both clusters.',
      withLogins(async call => {
        const draft = toDraft(bodyOf<MigrationDraft>(call), clusterOf)
        const refused = refusedProxies(desk, call, draft.proxies)
        return refused ?? json(201, await desk.plan(draft, userOf(call)))
      }),
    ],
    [
      'POST /scan',
      'Looks at both clusters and every table; keeps nothing.',
      withLogins(async call => {
        const draft = { ...bodyOf<MigrationDraft>(call), name: 'scan' }
        return json(200, await desk.scan(toDraft(draft, clusterOf)))
      }),
    ],
    [
      'POST /keyspaces',
      'Keyspaces and tables of a cluster.',
      withLogins(async call => {
        const given = { source: bodyOf<MigrationCluster>(call) }
        const draft = { ...given, target: given.source, name: 'keyspaces', keyspace: '-' }
        return items(await desk.keyspaces(toDraft(draft, clusterOf).source))
      }),
    ],
    [
      'GET /:name',
      'A migration with the checks of its phase, asked now.',
      async call => json(200, await desk.status(nameOf(call))),
    ],
    [
      'PATCH /:name',
      'Names the proxies of a migration anew.',
      guarded(desk, async call => {
        const proxies = toUrls(bodyOf<MigrationPatch>(call).proxies)
        const { proxies: known } = desk.project(nameOf(call))
        const refused = refusedProxies(
          desk,
          call,
          proxies.filter(url => !known.includes(url)),
        )
        if (refused !== undefined) return refused
        return json(200, await desk.setProxies(nameOf(call), proxies, userOf(call)))
      }),
    ],
    [
      'POST /:name/schema',
      'Makes keyspace, types and tables on the target.',
      guarded(desk, async call => json(200, await desk.makeSchema(nameOf(call), userOf(call)))),
    ],
  ]
}

function phaseRows(desk: MigrationDesk): Row[] {
  const status: Row[2] = async call => json(200, await desk.status(nameOf(call)))
  return [
    [
      'POST /:name/advance',
      'The next phase, when every check is passed or accepted.',
      guarded(
        desk,
        async call => {
          const { accept = [] } = bodyOf<MigrationAdvance>(call)
          const keys = toTexts(accept, 'accept')
          return json(200, await desk.advance(nameOf(call), { accept: keys, by: userOf(call) }))
        },
        1,
      ),
    ],
    [
      'POST /:name/back',
      'The phase before.',
      guarded(desk, async call => json(200, await desk.back(nameOf(call), userOf(call)))),
    ],
    ['POST /:name/checks/:check/run', 'Asks the checks of the phase again.', status],
    [
      'POST /:name/checks/:check/accept',
      'Takes a check of the phase upon oneself, with a reason.',
      guarded(desk, async call => {
        const { reason = '' } = bodyOf<MigrationAccept>(call)
        const check = call.params['check'] ?? ''
        const told = { by: userOf(call), reason: String(reason) }
        return json(200, await desk.accept(nameOf(call), check, told))
      }),
    ],
  ]
}

function actRows(desk: MigrationDesk): Row[] {
  const text = (call: Call, name: string) => call.query.get(name) ?? undefined
  return [
    [
      'POST /:name/acts',
      'Starts a copy, a validation or a repair in this server.',
      guarded(desk, async call => {
        const draft = toActDraft(bodyOf<MigrationActDraft>(call))
        return json(202, await desk.startAct(nameOf(call), draft, userOf(call)))
      }),
    ],
    [
      'POST /:name/acts/stop',
      'Stops what is under way; it goes on where it was when it is started again.',
      guarded(desk, call => json(202, desk.acts.stop(nameOf(call)))),
    ],
    [
      'GET /:name/progress',
      'What is under way, what was done, and the token ranges of each table.',
      call => json(200, desk.acts.progress(desk.project(nameOf(call)))),
    ],
    [
      'GET /:name/ranges',
      'One letter per token range of table=, of=copy or validation.',
      call => {
        const of = text(call, 'of') === 'validation' ? 'validation' : 'copy'
        const project = desk.project(nameOf(call))
        return json(200, desk.acts.ranges(project, text(call, 'table') ?? '', of))
      },
    ],
    [
      'GET /:name/differences',
      'Rows that differ, of table= and kind=.',
      call => {
        desk.project(nameOf(call))
        const of = { table: text(call, 'table'), kind: text(call, 'kind') }
        return json(200, desk.acts.differences(nameOf(call), of))
      },
    ],
  ]
}

function proxyRows(desk: MigrationDesk): Row[] {
  return [
    [
      'GET /:name/proxies',
      'The proxies of a migration and their last hour.',
      async call => json(200, await desk.proxies(nameOf(call))),
    ],
    [
      'POST /:name/proxies',
      'Changes where one proxy reads from, or how it rehearses reads.',
      guarded(desk, async call => {
        const change = toProxyChange(bodyOf<MigrationProxyChange>(call))
        return json(200, await desk.changeProxy(nameOf(call), change, userOf(call)))
      }),
    ],
  ]
}

/** `ahead`: it leads that many phases on. */
function guarded(desk: MigrationDesk, handle: Row[2], ahead = 0): Row[2] {
  return call => {
    const { phase } = desk.project(nameOf(call))
    const { role } = callerOf(call)
    if (phase + ahead < ADMIN_PHASE || role === 'admin') return handle(call)
    return problem(403, `phases 4 and 5 need the role admin, found ${role}`)
  }
}

/** Of a cluster by itself, or of source and target. */
function withLogins(handle: Row[2]): Row[2] {
  return call => {
    const { source, target, ...own } = bodyOf<MigrationDraft & MigrationCluster>(call)
    const { role } = callerOf(call)
    if (role === 'admin' || ![source, target, own].some(isLoginOfServer)) return handle(call)
    const message = `an address with a username is given the password of the server's environment, which needs the role admin, found ${role}: use a saved connection`
    return problem(403, message)
  }
}

/** Proxies that are named anew are sent the token of the server's environment. */
function refusedProxies(
  desk: MigrationDesk,
  call: Call,
  named: readonly string[],
): Answer | undefined {
  const { role } = callerOf(call)
  if (role === 'admin' || named.length === 0 || !desk.hasProxyToken) return undefined
  const message = `proxies are sent the control token of the server: naming them needs the role admin, found ${role}`
  return problem(403, message)
}

function nameOf(call: Call): string {
  return call.params['name'] ?? ''
}
