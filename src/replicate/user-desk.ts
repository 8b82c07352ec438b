/**
 * Users that an administrator manages in the page: name, role, password, kept beside those of the
 * configuration. Part of the replicator's store; the server asks it for logins and roles.
 * Invariants: a password is kept as an argon2id digest with a salt of its own and never told; one
 * administrator who can sign in always stays; the number of users is bounded.
 * Spec: backlog-replication 2.16, 2.17.
 */
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto'
import type { Role } from '../api-v1.ts'
import type { UserDraft, UserInfo, UserPatch } from '../api-v1-access.ts'
import { AddressDesk } from './address-desk.ts'
import { conflict, unknown } from './errors.ts'
import { FactorDesk } from './factor-desk.ts'
import { PasswordDigests } from './password-digests.ts'
import type { Store } from './store.ts'
import { fieldError } from './task-target.ts'
import { ROLES } from './token-desk.ts'

const KIND = 'user'
const USERS_MAX = 500
const NAME = /^[^\s:,][^:,]{0,63}$/
const PASSWORD_LENGTH_MIN = 12
const PASSWORD_LENGTH_MAX = 512
const SALT_BYTES = 16
const SEEN_STEP_MS = 60_000

interface UserRecord extends Omit<UserInfo, 'configured' | 'secondFactor'> {
  readonly salt: string
  readonly digest: string
}

export interface NewUserOptions {
  /** Names that stand in the configuration. */
  readonly taken?: readonly string[]
  /** Names of no user. */
  readonly reserved?: readonly string[]
  /** Asked when everything else is ready. */
  readonly isStill?: () => boolean
}

export class UserDesk {
  readonly #store: Store
  readonly #digests = new PasswordDigests()
  /** By ids of users. */
  readonly factors: FactorDesk
  /** From where everybody may call. */
  readonly addresses: AddressDesk

  constructor(store: Store) {
    this.#store = store
    this.factors = new FactorDesk(store)
    this.addresses = new AddressDesk(store)
  }

  /** Whether anybody needs to sign in because of this list. */
  get isEmpty(): boolean {
    return this.#store.ids(KIND).length === 0
  }

  get allowedAddresses(): readonly string[] {
    return this.addresses.allowed
  }

  list(): UserInfo[] {
    return this.#all()
      .map(one => this.#shown(one))
      .sort((a, b) => a.name.localeCompare(b.name))
  }

  /** Also one who may not sign in. */
  knows(name: string): boolean {
    return this.#all().some(one => one.name === name)
  }

  /** Of a user of this list; undefined: there is none of that name. */
  idOf(name: string): string | undefined {
    return this.#all().find(one => one.name === name)?.id
  }

  nameOf(id: string): string {
    return this.#record(id).name
  }

  /** Whether a password alone is not enough. */
  hasFactor(name: string): boolean {
    const id = this.idOf(name)
    return id !== undefined && this.factors.isOn(id)
  }

  /** Whether a code of the second factor is right; it is not right again. */
  takeCode(name: string, code: string): boolean {
    const id = this.idOf(name)
    return id !== undefined && this.factors.take(id, code)
  }

  /** One who may sign in now. */
  find(name: string): { readonly role: Role } | undefined {
    const found = this.#all().find(one => one.name === name)
    return found === undefined || found.disabled ? undefined : found
  }

  async add(draft: UserDraft, given: NewUserOptions = {}): Promise<UserInfo> {
    this.#checkNew(draft, given)
    const kept = await this.#seal(draft.password)
    // Somebody else may have added users meanwhile.
    this.#checkNew(draft, given)
    if (given.isStill?.() === false) throw conflict('somebody else was faster: sign in')
    const { name, role } = draft
    const record: UserRecord = {
      ...{ id: randomUUID(), name, role, disabled: false, ...kept },
      ...{ createdAt: new Date().toISOString(), lastSeenAt: null },
    }
    this.#store.put(KIND, record.id, record)
    return this.#shown(record)
  }

  #checkNew({ name, role }: UserDraft, { taken = [], reserved = [] }: NewUserOptions): void {
    if (typeof name !== 'string' || !NAME.test(name))
      throw fieldError('name', 'name: expected 1 to 64 characters, without colon and comma')
    if (reserved.includes(name))
      throw fieldError('name', `name: expected another one, ${name} stands for somebody else`)
    const all = this.#all()
    if (taken.includes(name) || all.some(one => one.name === name))
      throw fieldError('name', `name: there is a user ${name} already`)
    checkRole(role)
    if (all.length === 0 && taken.length === 0 && role !== 'admin')
      throw fieldError('role', 'role: expected admin for the first user, who adds the others')
    if (all.length >= USERS_MAX) throw conflict(`there are ${USERS_MAX} users already`)
  }

  /** `isLastAllowed`: the configuration has an administrator as well. */
  async patch(id: string, patch: UserPatch, isLastAllowed: boolean): Promise<UserInfo> {
    const { role, disabled, password } = patch
    if (role !== undefined) checkRole(role)
    if (disabled !== undefined && typeof disabled !== 'boolean')
      throw fieldError('disabled', 'disabled: expected true or false')
    const kept = password === undefined ? {} : await this.#seal(password)
    const record = this.#record(id)
    const next: UserRecord = {
      ...{ ...record, ...kept },
      ...(role === undefined ? {} : { role }),
      ...(disabled === undefined ? {} : { disabled }),
    }
    if (!isLastAllowed && isAdmin(record) && !isAdmin(next)) this.#checkOther(id)
    this.#store.put(KIND, id, next)
    return this.#shown(next)
  }

  /** Answers the name. */
  delete(id: string, isLastAllowed: boolean): string {
    const record = this.#record(id)
    if (!isLastAllowed && isAdmin(record)) this.#checkOther(id)
    this.#store.delete(KIND, id)
    this.factors.drop(id)
    return record.name
  }

  /** Takes the same time for a name that does not exist. */
  async verify(name: string, password: string): Promise<boolean> {
    const before = this.#all().find(one => one.name === name)
    const salt = before === undefined ? Buffer.alloc(SALT_BYTES) : bytes(before.salt)
    const given = await this.#digests.of(password.slice(0, PASSWORD_LENGTH_MAX), salt)
    // As it is now: the user may have been changed, locked or deleted meanwhile.
    const record = this.#all().find(one => one.name === name)
    if (record === undefined) return false
    return timingSafeEqual(given, bytes(record.digest)) && !record.disabled
  }

  seen(name: string, nowMs = Date.now()): void {
    const record = this.#all().find(one => one.name === name)
    if (record === undefined) return
    if (nowMs - Date.parse(record.lastSeenAt ?? '1970-01-01') < SEEN_STEP_MS) return
    this.#store.put(KIND, record.id, { ...record, lastSeenAt: new Date(nowMs).toISOString() })
  }

  async #seal(password: unknown): Promise<Pick<UserRecord, 'salt' | 'digest'>> {
    const isFit =
      typeof password === 'string' &&
      password.length >= PASSWORD_LENGTH_MIN &&
      password.length <= PASSWORD_LENGTH_MAX
    if (!isFit) {
      const message = `password: expected ${PASSWORD_LENGTH_MIN} to ${PASSWORD_LENGTH_MAX} characters`
      throw fieldError('password', message)
    }
    const salt = randomBytes(SALT_BYTES)
    const digest = await this.#digests.of(password, salt)
    return { salt: salt.toString('base64'), digest: digest.toString('base64') }
  }

  #shown({ salt: _salt, digest: _digest, ...shown }: UserRecord): UserInfo {
    return { ...shown, configured: false, secondFactor: this.factors.isOn(shown.id) }
  }

  #all(): UserRecord[] {
    return this.#store.all<UserRecord>(KIND)
  }

  #record(id: string): UserRecord {
    const record = this.#store.get<UserRecord>(KIND, id)
    if (record === undefined) throw unknown(`there is no user ${id}`)
    return record
  }

  #checkOther(id: string): void {
    if (this.#all().some(one => one.id !== id && isAdmin(one))) return
    throw conflict('the last administrator stays: give another user the role admin first')
  }
}

function isAdmin({ role, disabled }: UserRecord): boolean {
  return role === 'admin' && !disabled
}

function checkRole(role: unknown): void {
  if (!ROLES.includes(role as Role))
    throw fieldError('role', `role: expected one of ${ROLES.join(', ')}`)
}

function bytes(text: string): Buffer {
  return Buffer.from(text, 'base64')
}
