/**
 * Which role each call of `/api/v1` needs, in one table, and the check of it around every route.
 * Wrapped around the lists of routes where the server is put together.
 * Invariants: a route that no rule names needs the role `standard` to change anything; what a caller
 * is told to be comes from here, never from a header of the request; an answer that goes on ends with
 * the rights of its caller.
 * Spec: backlog-replication 2.17.
 */
import type { Role } from '../../api-v1.ts'
import { isAtLeast } from '../../replicate/index.ts'
import { CLIENT_HEADER } from '../address-rules.ts'
import { type CallerInfo, type Callers, mayCallFrom } from '../callers.ts'
import type { Call, Route } from '../route.ts'
import { problem } from './problem.ts'

/** The first that fits counts. Paths are below `/api/v1`. */
const RULES: readonly (readonly [methods: string, path: RegExp, least: Role])[] = [
  ['GET', /^\/(audit|users|addresses|monitor\/access)$/, 'admin'],
  ['PUT', /^\/(addresses|history\/retention)$/, 'admin'],
  ['GET', /^\/secrets$/, 'standard'],
  ['POST PUT DELETE', /^\/secrets(\/|$)/, 'admin'],
  ['POST PATCH DELETE', /^\/users(\/|$)/, 'admin'],
  ['GET', /^\/runs\/:id\/(log|rejected)$/, 'job_operator'],
  // Contents of rows and records; statements that change something are judged by their route.
  ['GET', /^\/data\/.*\/(rows|records)($|\/)/, 'job_creator'],
  ['POST', /^\/data\/cassandra\/:id\/cql($|\/)/, 'job_creator'],
  // They hold rows and records.
  ['GET', /^\/connectors\/:name\/dead-letters\/:partition\/:offset$/, 'job_creator'],
  ['GET', /^\/migrations\/:name\/differences$/, 'job_creator'],
  ['GET', /^\/cdc\/tail$/, 'job_creator'],
  ['GET', /./, 'viewer'],
  ['POST DELETE', /^\/tokens/, 'viewer'],
  // One's own.
  ['POST', /^\/account\//, 'viewer'],
  ['POST', /^\/notices\/read$|^\/schedule\/preview$|^\/cdc\/channels\/check$/, 'viewer'],
  ['POST', /^\/cdc\/(channels\/(pause|resume)|gaps\/:id\/ack)$/, 'job_operator'],
  // Each topic says who may look.
  ['PATCH', /^\/stream\/:id$/, 'viewer'],
  [
    'POST',
    /^\/jobs\/:id\/runs$|^\/runs\/:id\/(cancel|retry-rejected)$|^\/alerts\/:id\/ack$/,
    'job_operator',
  ],
  // Events run statements with the rights of the connection.
  ['PUT', /^\/jobs\/:id\/hooks$/, 'standard'],
  ['POST PUT PATCH DELETE', /^\/jobs(\/|$)|^\/schedule\/pause$/, 'job_creator'],
]

const BASE = '/api/v1'
const NAME = 'x-scamander-caller'
const ROLE = 'x-scamander-role'
const TOKEN = 'x-scamander-token'

export function leastRoleOf({ method, path }: Pick<Route, 'method' | 'path'>): Role {
  const own = path.slice(BASE.length)
  const rule = RULES.find(([methods, at]) => methods.split(' ').includes(method) && at.test(own))
  return rule?.[2] ?? 'standard'
}

export function withRights(routes: readonly Route[], callers: Callers): Route[] {
  return routes.map(route => {
    const least = leastRoleOf(route)
    const handle = async (call: Call) => {
      const caller = callers.callerOf(call.headers['authorization'])
      if (caller === undefined || !isAtLeast(caller.role, least))
        return problem(403, `expected the role ${least}, found ${caller?.role ?? 'none'}`)
      if (!mayCallFrom(caller, call.headers[CLIENT_HEADER]))
        return problem(403, 'this token is not taken from this address')
      const told = { [NAME]: caller.name, [ROLE]: caller.role, [TOKEN]: caller.token }
      const headers = { ...call.headers, ...told }
      const answer = await route.handle({ ...call, headers })
      if (answer.stream !== undefined) {
        const isAllowed = () => mayStill(callers, call, least)
        callers.streams.watch(answer.stream.body, { name: caller.name, isAllowed })
      }
      return answer
    }
    return { ...route, handle }
  })
}

function mayStill(callers: Callers, { headers }: Call, least: Role): boolean {
  const caller = callers.callerStill(headers)
  return caller !== undefined && isAtLeast(caller.role, least)
}

/** Who calls, behind `withRights`. */
export function callerOf({ headers }: Call): CallerInfo {
  const role = (headers[ROLE] ?? 'viewer') as Role
  return { name: headers[NAME] ?? '', role, token: headers[TOKEN] }
}
