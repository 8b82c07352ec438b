/**
 * Second factors of users: a secret shared with an app, and codes for the day the app is lost.
 * Kept by `UserDesk`, which asks it when somebody signs in.
 * Invariants: a factor counts from the first right code on; the secret is sealed and told once, codes for
 * recovery are kept as digests and told once; a code is right once; nothing is told of a wrong one.
 * Spec: backlog-replication 2.17; RFC 6238.
 */
import { createHash, randomBytes } from 'node:crypto'
import type { FactorDraft, FactorState } from '../api-v1-access.ts'
import { conflict } from './errors.ts'
import type { Store } from './store.ts'
import { fieldError } from './task-target.ts'
import { findTotpStep, toBase32, totpUri } from './totp.ts'

const KIND = 'factor'
const SECRET_BYTES = 20
const RECOVERY_COUNT = 10
const RECOVERY_BYTES = 10
const PENDING_MS = 15 * 60_000

interface FactorRecord {
  /** Sealed. */
  readonly secret: string
  readonly begunAt: string
  /** Null: no right code came yet. */
  readonly since: string | null
  /** Steps of time up to this one are over. */
  readonly lastStep: number
  /** Digests of codes that were not used. */
  readonly recovery: readonly string[]
}

export class FactorDesk {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  isOn(user: string): boolean {
    return (this.#record(user)?.since ?? null) !== null
  }

  state(user: string): FactorState {
    const { since = null, recovery = [] } = this.#record(user) ?? {}
    return { on: since !== null, since, recoveryLeft: since === null ? 0 : recovery.length }
  }

  /** A new secret, which counts when `confirm` got a code of it. `name`: what the app shows. */
  begin(user: string, name: string): FactorDraft {
    if (this.isOn(user)) throw conflict('the second factor is on already: switch it off first')
    const secret = randomBytes(SECRET_BYTES)
    const record: FactorRecord = {
      secret: this.#store.secrets.seal(secret.toString('base64'), sealName(user)),
      ...{ begunAt: new Date().toISOString(), since: null, lastStep: 0, recovery: [] },
    }
    this.#store.put(KIND, user, record)
    return { secret: toBase32(secret), uri: totpUri(secret, name) }
  }

  /** Answers the codes for recovery. */
  confirm(user: string, code: unknown, nowMs = Date.now()): string[] {
    const record = this.#record(user)
    if (record === undefined || nowMs - Date.parse(record.begunAt) > PENDING_MS)
      throw conflict('there is no second factor to confirm: begin again')
    if (record.since !== null) throw conflict('the second factor is on already')
    const step = this.#stepOf(user, record, { code, nowMs })
    if (step === undefined)
      throw fieldError('code', 'code: expected the six digits that the app shows now')
    const codes = Array.from({ length: RECOVERY_COUNT }, newRecoveryCode)
    const since = new Date(nowMs).toISOString()
    const recovery = codes.map(digestOf)
    this.#store.put(KIND, user, { ...record, since, lastStep: step, recovery })
    return codes
  }

  /** Whether a code of the app, or one for recovery, is right; it is not right again. */
  take(user: string, code: unknown, nowMs = Date.now()): boolean {
    const record = this.#record(user)
    if (record === undefined || record.since === null || typeof code !== 'string') return false
    const step = this.#stepOf(user, record, { code, nowMs })
    if (step !== undefined) {
      this.#store.put(KIND, user, { ...record, lastStep: step })
      return true
    }
    const digest = digestOf(code)
    if (!record.recovery.includes(digest)) return false
    const recovery = record.recovery.filter(one => one !== digest)
    this.#store.put(KIND, user, { ...record, recovery })
    return true
  }

  /** Answers whether it was on. */
  drop(user: string): boolean {
    const wasOn = this.isOn(user)
    this.#store.delete(KIND, user)
    return wasOn
  }

  #stepOf(user: string, record: FactorRecord, of: { code: unknown; nowMs: number }) {
    const code = typeof of.code === 'string' ? of.code.replaceAll(/\s/g, '') : ''
    const secret = Buffer.from(this.#store.secrets.open(record.secret, sealName(user)), 'base64')
    return findTotpStep(secret, code, { last: record.lastStep, nowMs: of.nowMs })
  }

  #record(user: string): FactorRecord | undefined {
    return this.#store.get<FactorRecord>(KIND, user)
  }
}

function sealName(user: string): string {
  return `${user}/factor`
}

/** 80 bits, in groups of four. */
function newRecoveryCode(): string {
  const text = toBase32(randomBytes(RECOVERY_BYTES)).toLowerCase()
  return (text.match(/.{4}/g) ?? []).join('-')
}

/** However it is written: capitals, blanks and hyphens do not matter. */
function digestOf(code: string): string {
  const plain = code.toLowerCase().replaceAll(/[\s-]/g, '')
  return createHash('sha256').update(plain).digest('hex')
}
