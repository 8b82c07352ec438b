/**
 * Named secrets of this server, kept sealed: connections and connectors refer to them as `${secret:NAME}`.
 * Part of the connection desk; the server gives them to connectors as a config provider.
 * Invariants: a value goes in and comes out only into a client; one that is referred to is not deleted;
 * the number and size of secrets are bounded.
 * Spec: backlog-replication 2.17; ui 5.7 (Secrets).
 */
import type { Properties } from '../api-v1.ts'
import type { SecretDraft, SecretInfo, SecretUse } from '../api-v1-access.ts'
import { conflict, unknown } from './errors.ts'
import type { Store } from './store.ts'
import { fieldError } from './task-target.ts'

const KIND = 'secret'
const NAME = /^[\w.-]{1,64}$/
const REFERENCE = /^\$\{secret:([^}]*)\}$/
const SECRETS_MAX = 500
/** Certificates are the longest. */
const VALUE_LENGTH_MAX = 65_536

interface SecretRecord {
  readonly name: string
  readonly sealed: string
  readonly setAt: string
  readonly setBy: string
}

/** Who refers to a secret, by its reference. */
export type FindUses = (reference: string) => readonly SecretUse[]

export class SecretDesk {
  readonly #store: Store
  readonly #findUses: FindUses

  constructor(store: Store, findUses: FindUses) {
    this.#store = store
    this.#findUses = findUses
  }

  /** `more`: uses that only the server knows. */
  list(more: FindUses = () => []): SecretInfo[] {
    return this.#store
      .all<SecretRecord>(KIND)
      .map(one => this.#shown(one, more))
      .sort((a, b) => a.name.localeCompare(b.name))
  }

  add({ name, value }: SecretDraft, by: string): SecretInfo {
    if (typeof name !== 'string' || !NAME.test(name))
      throw fieldError('name', 'name: expected 1 to 64 letters, digits or _ . -')
    if (this.#store.get(KIND, name) !== undefined)
      throw fieldError('name', `name: there is a secret ${name} already`)
    if (this.#store.ids(KIND).length >= SECRETS_MAX)
      throw conflict(`there are ${SECRETS_MAX} secrets already; delete those that are not used`)
    return this.#put(name, value, by)
  }

  replace(name: string, value: string, by: string): SecretInfo {
    this.#record(name)
    return this.#put(name, value, by)
  }

  delete(name: string, more: FindUses = () => []): void {
    const { usedBy } = this.#shown(this.#record(name), more)
    const users = usedBy.map(one => `the ${one.kind} ${one.name}`)
    if (users.length > 0) throw conflict(`secret ${name} is used by ${users.join(', ')}`)
    this.#store.delete(KIND, name)
  }

  /** The value itself: only for clients. Undefined: there is none of that name. */
  open(name: string): string | undefined {
    const record = this.#store.get<SecretRecord>(KIND, name)
    return record === undefined ? undefined : this.#store.secrets.open(record.sealed, aad(name))
  }

  /** By its reference; undefined: it is none. */
  setAt(reference: string): string | undefined {
    const name = REFERENCE.exec(reference)?.[1]
    return name === undefined ? undefined : this.#store.get<SecretRecord>(KIND, name)?.setAt
  }

  /** Properties with their references replaced; only for clients. */
  resolve(properties: Properties): Record<string, string | number | boolean> {
    const all = { ...properties }
    for (const [key, value] of Object.entries(properties))
      if (typeof value === 'string') all[key] = this.#filled(key, value)
    return all
  }

  #filled(key: string, text: string): string {
    const name = REFERENCE.exec(text)?.[1]
    if (name === undefined) return text
    const value = this.open(name)
    if (value !== undefined) return value
    throw fieldError(key, `${key}: there is no secret ${name}; add it in Settings, Secrets`)
  }

  #put(name: string, value: unknown, setBy: string): SecretInfo {
    if (typeof value !== 'string' || value === '' || value.length > VALUE_LENGTH_MAX)
      throw fieldError('value', `value: expected 1 to ${VALUE_LENGTH_MAX} characters`)
    const sealed = this.#store.secrets.seal(value, aad(name))
    const record: SecretRecord = { name, sealed, setAt: new Date().toISOString(), setBy }
    this.#store.put(KIND, name, record)
    return this.#shown(record, () => [])
  }

  #shown({ name, setAt, setBy }: SecretRecord, more: FindUses): SecretInfo {
    const reference = toReference(name)
    return { name, setAt, setBy, usedBy: [...this.#findUses(reference), ...more(reference)] }
  }

  #record(name: string): SecretRecord {
    const record = this.#store.get<SecretRecord>(KIND, name)
    if (record === undefined) throw unknown(`there is no secret ${name}`)
    return record
  }
}

export function toReference(name: string): string {
  return `\${secret:${name}}`
}

/** True for text that is one reference and nothing else: it may be shown. */
export function isReference(text: string): boolean {
  return REFERENCE.test(text)
}

function aad(name: string): string {
  return `${KIND}/${name}`
}
