/**
 * Managed users while something else happens: changes during a check of a password, and too many checks.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { PasswordDigests } from './password-digests.ts'
import { Store } from './store.ts'
import { UserDesk } from './user-desk.ts'

const folder = mkdtempSync(join(tmpdir(), 'scamander-users-'))
const store = new Store(folder)
const users = new UserDesk(store)
const password = 'a long enough word'

afterAll(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

it('adds one of two users of the same name', async () => {
  const draft = { name: 'zoe', role: 'admin', password } as const
  const added = await Promise.allSettled([users.add(draft), users.add(draft)])
  expect(added.map(one => one.status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(users.list().map(one => one.name)).toEqual(['zoe'])
})

it('lets nobody in who is locked, deleted or changed while the password is checked', async () => {
  const { id } = await users.add({ name: 'vera', role: 'viewer', password })
  const locked = users.verify('vera', password)
  // The digest is computed elsewhere meanwhile; a lock needs none.
  await users.patch(id, { disabled: true }, true)
  expect(await locked).toBe(false)
  await users.patch(id, { disabled: false }, true)
  const gone = users.verify('vera', password)
  users.delete(id, true)
  expect(await gone).toBe(false)
})

it('refuses more checks of passwords than may wait', async () => {
  const salt = Buffer.alloc(16)
  let [running, most] = [0, 0]
  const digests = new PasswordDigests(async () => {
    most = Math.max(most, ++running)
    await Promise.resolve()
    running--
    return salt
  })
  const asked = Array.from({ length: 40 }, () => digests.of(password, salt))
  const all = await Promise.allSettled(asked)
  const refused = all.filter(one => one.status === 'rejected')
  expect(refused.map(one => one.reason.kind)).toEqual(Array(6).fill('retriable'))
  expect(await digests.of(password, salt)).toBe(salt)
  expect(most).toBe(2)
})
