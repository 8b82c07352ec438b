/**
 * The routes of users: those of the configuration as they are, those that an administrator manages here.
 * Invariants: the first managed user is an administrator, from then on everybody signs in; a password is
 * never part of an answer or of the audit; a change of a password or a lock ends the user's sessions.
 * Shapes: src/api-v1-access.ts. Spec: backlog-replication 2.16, 2.17.
 */
import type { UserDraft, UserInfo, UserPatch } from '../../api-v1-access.ts'
import type { Replicator } from '../../replicate/index.ts'
import { type Callers, RESERVED_NAMES } from '../callers.ts'
import { empty, json } from '../route.ts'
import { audit, body, id, items, type Row } from './v1-calls.ts'

export function userRows(replicator: Replicator, callers: Callers): Row[] {
  const { users, tokens } = replicator
  const ofConfiguration = (): UserInfo[] =>
    callers.configured.map(name => ({
      ...{ id: `configured ${name}`, name, disabled: false, configured: true },
      ...{ role: callers.roleOf(name), createdAt: null, lastSeenAt: null, secondFactor: false },
    }))
  const hasAdmin = () => ofConfiguration().some(one => one.role === 'admin')
  return [
    ['GET /users', 'Users and their roles.', () => items([...ofConfiguration(), ...users.list()])],
    [
      'POST /users',
      'Adds a user; after the first one everybody signs in.',
      async call => {
        const added = await users.add(body<UserDraft>(call), {
          ...{ taken: callers.configured, reserved: RESERVED_NAMES },
        })
        // Those of somebody else who had that name once, in the configuration.
        tokens.deleteOf(added.name)
        // After the first one, whoever did not sign in is nobody.
        callers.changed()
        audit(replicator, call, ['user added', added.name, added.role])
        return json(201, added)
      },
    ],
    [
      'PATCH /users/:id',
      'Changes the role, the password or the lock of a user.',
      async call => {
        const patch = body<UserPatch>(call)
        const changed = await users.patch(id(call), patch, hasAdmin())
        if (patch.password !== undefined || patch.disabled === true) callers.forget(changed.name)
        else callers.changed()
        audit(replicator, call, ['user changed', changed.name, detailOf(patch)])
        return json(200, changed)
      },
    ],
    [
      'DELETE /users/:id',
      'Deletes a user with the API tokens of that user.',
      call => {
        const name = users.delete(id(call), hasAdmin())
        tokens.deleteOf(name)
        callers.forget(name)
        audit(replicator, call, ['user deleted', name])
        return empty(204)
      },
    ],
  ]
}

function detailOf({ role, disabled, password }: UserPatch): string {
  const told = [
    role === undefined ? undefined : `role ${role}`,
    disabled === undefined ? undefined : disabled ? 'disabled' : 'enabled',
    password === undefined ? undefined : 'password changed',
  ]
  return told.filter(one => one !== undefined).join(', ')
}
