/**
 * The routes of a caller's own account: the second factor, switched on and off by the user alone; and
 * taken from a user by an administrator when the app is lost.
 * Invariants: what changes it asks for the password or a code, and counts wrong ones; an API token changes
 * nothing; from then on other sessions and logins in headers of that user are over.
 * Shapes: src/api-v1-access.ts. Spec: backlog-replication 2.17; ui 5.2, 5.7.
 */
import type { AccountInfo, RecoveryCodes } from '../../api-v1-access.ts'
import type { Replicator } from '../../replicate/index.ts'
import type { Callers } from '../callers.ts'
import { type Answer, type Call, empty, json } from '../route.ts'
import { SESSION_HEADER } from '../sessions.ts'
import { problem } from './problem.ts'
import { callerOf } from './rights.ts'
import { audit, body, id, type Row } from './v1-calls.ts'

const CODE = { field: 'code', message: 'The code is wrong.' }
const PASSWORD = { field: 'password', message: 'The password is wrong.' }
const LENGTH_MAX = 512

interface Own {
  readonly id: string
  readonly name: string
}

export function accountRows(replicator: Replicator, callers: Callers): Row[] {
  const { users } = replicator
  const parts = { replicator, callers }
  return [
    [
      'GET /account',
      'Who calls, and whether a second factor is on.',
      call => {
        const own = ownOf(parts, call)
        const factor = own === undefined ? null : users.factors.state(own.id)
        return json(200, { name: callerOf(call).name, factor } satisfies AccountInfo)
      },
    ],
    [
      'POST /account/factor',
      'Begins a second factor; the answer has its secret, once.',
      withOwn(parts, async (call, own) => {
        const password = text(body<{ password?: unknown }>(call).password)
        const look = () => users.verify(own.name, password)
        // Before the password: a right one would forget wrong tries of the code.
        if (users.factors.isOn(own.id))
          return problem(409, 'the second factor is on already: switch it off first')
        if (callers.guard.waitMs(own.name) > 0) return waiting()
        if (!(await callers.guard.tried(own.name, look)))
          return problem(403, PASSWORD.message, { errors: [PASSWORD] })
        return json(201, users.factors.begin(own.id, own.name))
      }),
    ],
    [
      'POST /account/factor/confirm',
      'Switches the second factor on by a first code; the answer has codes for recovery, once.',
      withOwn(parts, (call, own) => {
        const codes = users.factors.confirm(own.id, body<{ code?: unknown }>(call).code)
        changed(parts, call, [own.name, 'second factor switched on'])
        return json(200, { codes } satisfies RecoveryCodes)
      }),
    ],
    [
      'POST /account/factor/off',
      'Switches the second factor off by a code.',
      withOwn(parts, async (call, own) => {
        const code = text(body<{ code?: unknown }>(call).code)
        if (callers.guard.waitMs(own.name) > 0) return waiting()
        const look = async () => users.factors.take(own.id, code)
        if (!(await callers.guard.tried(own.name, look)))
          return problem(403, CODE.message, { errors: [CODE] })
        users.factors.drop(own.id)
        changed(parts, call, [own.name, 'second factor switched off'])
        return empty(204)
      }),
    ],
    [
      'DELETE /users/:id/factor',
      'Takes the second factor from a user who lost it; the password stays.',
      call => {
        const name = users.nameOf(id(call))
        if (users.factors.drop(id(call))) changed(parts, call, [name, 'second factor reset'])
        return empty(204)
      },
    ],
  ]
}

interface Parts {
  readonly replicator: Replicator
  readonly callers: Callers
}

type OwnHandle = (call: Call, own: Own) => Answer | Promise<Answer>

function withOwn(parts: Parts, handle: OwnHandle) {
  return (call: Call) => {
    const own = ownOf(parts, call)
    if (own === undefined || callerOf(call).token !== undefined)
      return problem(403, 'expected a user of this page who signed in, found none')
    return handle(call, own)
  }
}

/** Undefined: the caller is no user of the page. */
function ownOf({ replicator, callers }: Parts, call: Call): Own | undefined {
  const { name } = callerOf(call)
  const own = callers.configured.includes(name) ? undefined : replicator.users.idOf(name)
  return own === undefined ? undefined : { id: own, name }
}

function changed(
  { replicator, callers }: Parts,
  call: Call,
  [name, what]: readonly [string, string],
): void {
  callers.forget(name, callerOf(call).name === name ? call.headers[SESSION_HEADER] : undefined)
  audit(replicator, call, [what, name])
}

function waiting(): Answer {
  return problem(403, 'Too many wrong tries. Wait a little, then try again.')
}

/** What is no text is wrong. */
function text(value: unknown): string {
  return typeof value === 'string' && value.length <= LENGTH_MAX ? value : ''
}
