/**
 * Settings of capture that are changed while it runs (`advrep conf`): names, defaults and checks in
 * one list. Kept in the state of capture.
 * Invariant: what is stored was checked; what is not stored has its default.
 * Spec: cdc-replication 2.4.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type { AuditConf } from './audit-log.ts'
import { CDC_ERRORS } from './errors.ts'

type Kind = 'number' | 'flag' | 'text' | readonly string[]

interface Setting {
  readonly value: string
  readonly kind: Kind
  readonly doc: string
}

export const CAPTURE_CONF = {
  permits: { value: '1024', kind: 'number', doc: 'changes that are under way at once' },
  'audit-log-enabled': { value: 'false', kind: 'flag', doc: 'write an audit log' },
  'audit-log-compression': {
    value: 'none',
    kind: ['none', 'gzip'],
    doc: 'of files that are full',
  },
  'audit-log-file': { value: 'audit.log', kind: 'text', doc: 'its name' },
  'audit-log-rotate-mins': { value: '60', kind: 'number', doc: 'a new file so often; 0: never' },
  'audit-log-max-life-span-mins': {
    value: '0',
    kind: 'number',
    doc: 'old files are deleted; 0: kept',
  },
  'invalid-message-log': {
    value: 'CHANNEL_LOG',
    kind: ['SYSTEM_LOG', 'CHANNEL_LOG', 'NONE'],
    doc: 'where changes go that a destination in Cassandra does not take',
  },
  'collection-time-slice-width': {
    value: '60',
    kind: 'number',
    doc: 'seconds of a slice of the order LIFO',
  },
  'collection-time-slice-count': { value: '5', kind: 'number', doc: 'kept, without effect' },
  'collection-max-open-files': { value: '5', kind: 'number', doc: 'kept, without effect' },
  'collection-expire-after-write': { value: '', kind: 'text', doc: 'kept, without effect' },
} as const satisfies Readonly<Record<string, Setting>>

export type ConfName = keyof typeof CAPTURE_CONF

export interface ConfStore {
  readAll<T>(kind: string): T[]
  put(kind: string, key: string, value: unknown): void
  remove(kind: string, key: string): void
}

export interface ConfEntry {
  readonly name: string
  readonly value: string
}

export class CaptureConf {
  readonly #store: ConfStore
  readonly #values = new Map<string, string>()

  constructor(store: ConfStore) {
    this.#store = store
    for (const { name, value } of store.readAll<ConfEntry>('conf')) this.#values.set(name, value)
  }

  get(name: ConfName): string {
    return this.#values.get(name) ?? CAPTURE_CONF[name].value
  }

  number(name: ConfName): number {
    return Number(this.get(name))
  }

  get audit(): AuditConf {
    return {
      enabled: this.get('audit-log-enabled') === 'true',
      compression: this.get('audit-log-compression') === 'gzip' ? 'gzip' : 'none',
      file: this.get('audit-log-file'),
      rotateMinutes: this.number('audit-log-rotate-mins'),
      lifeMinutes: this.number('audit-log-max-life-span-mins'),
    }
  }

  list(): ConfEntry[] {
    return confNames().map(name => ({ name, value: this.get(name) }))
  }

  /** All or none. */
  update(changes: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(changes)) check(name, value)
    for (const [name, value] of Object.entries(changes)) {
      this.#values.set(name, value)
      this.#store.put('conf', name, { name, value })
    }
  }

  /** Back to the default. */
  remove(name: string): void {
    requireName(name)
    this.#values.delete(name)
    this.#store.remove('conf', name)
  }
}

export function confNames(): ConfName[] {
  return Object.keys(CAPTURE_CONF) as ConfName[]
}

function requireName(name: string): ConfName {
  if (name in CAPTURE_CONF) return name as ConfName
  const message = `expected one of ${confNames().join(', ')}, found "${name}"`
  throw new ScamanderError(CDC_ERRORS.SETTING, message)
}

function check(name: string, value: string): void {
  const kind: Kind = CAPTURE_CONF[requireName(name)].kind
  const isPositive = name === 'permits' || name === 'collection-time-slice-width'
  const expected =
    kind === 'number'
      ? `a whole number${isPositive ? ' above 0' : ''}`
      : kind === 'flag'
        ? 'true or false'
        : kind === 'text'
          ? 'a text'
          : `one of ${kind.join(', ')}`
  const isGood =
    kind === 'number'
      ? /^\d{1,9}$/.test(value) && !(isPositive && Number(value) === 0)
      : kind === 'flag'
        ? value === 'true' || value === 'false'
        : kind === 'text' || kind.includes(value)
  if (isGood) return
  throw new ScamanderError(CDC_ERRORS.SETTING, `${name}: expected ${expected}, found "${value}"`)
}
