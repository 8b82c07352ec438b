/**
 * The draft of a new migration, step by step, and what is wrong with it. Used by the wizard.
 * Invariant: a draft that goes to the server names both clusters, a keyspace and a name.
 * Spec: ui 5.6 (wizard), 4.4.
 */
import type { MigrationCluster, MigrationDraft } from '../../api-v1-migrations.ts'
import type { FormError } from '../parts/form-errors.tsx'

/** `connection:ID`, or an address typed by hand. */
export interface WizardState {
  readonly name: string
  readonly source: string
  readonly target: string
  readonly keyspace: string
  /** Empty: all of the keyspace. */
  readonly tables: readonly string[]
  readonly targetKeyspace: string
  /** One address per line or comma. */
  readonly proxies: string
}

export const EMPTY: WizardState = {
  ...{ name: '', source: '', target: '', keyspace: '', tables: [] },
  ...{ targetKeyspace: '', proxies: '' },
}

export const STEPS = ['Clusters', 'Tables', 'Feasibility', 'Plan'] as const

const NAME = /^[A-Za-z0-9][\w.-]{0,99}$/
const POINT = /^[^\s,:]+(?::\d{1,5})?$/

/** A saved connection, or hosts by comma. */
export function clusterOf(text: string): MigrationCluster {
  const [kind, id] = [text.slice(0, PREFIX.length), text.slice(PREFIX.length)]
  return kind === PREFIX ? { connection: id } : { contactPoints: listOf(text) }
}

export const PREFIX = 'connection:'

export function listOf(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map(one => one.trim())
    .filter(one => one !== '')
}

export function draftOf(state: WizardState): MigrationDraft {
  const { name, keyspace, targetKeyspace, tables } = state
  return {
    ...{ name, keyspace, tables },
    source: clusterOf(state.source),
    target: clusterOf(state.target),
    ...(targetKeyspace === '' ? {} : { targetKeyspace }),
    proxies: listOf(state.proxies),
  }
}

export function errorsOf(step: number, state: WizardState): FormError[] {
  if (step === 0) {
    return [
      ...wrong(!NAME.test(state.name), 'field-name', 'Name', NAME_TEXT),
      ...wrong(!isCluster(state.source), 'field-source', 'Source', CLUSTER_TEXT),
      ...wrong(!isCluster(state.target), 'field-target', 'Target', CLUSTER_TEXT),
    ]
  }
  if (step === 1) {
    return wrong(state.keyspace === '', 'field-keyspace', 'Keyspace', 'Choose a keyspace.')
  }
  if (step < 3) return []
  const bad = listOf(state.proxies).find(one => !/^https?:$/.test(URL.parse(one)?.protocol ?? ''))
  const text = `Expected http://host:port, found ${bad ?? ''}.`
  return wrong(bad !== undefined, 'field-proxies', 'Proxies', text)
}

const NAME_TEXT = 'Expected letters, digits, ".", "_" and "-".'
const CLUSTER_TEXT = 'Choose a connection, or type host:port.'

function isCluster(text: string): boolean {
  if (text.startsWith(PREFIX)) return true
  const points = listOf(text)
  return points.length > 0 && points.every(one => POINT.test(one))
}

function wrong(isWrong: boolean, id: string, label: string, message: string): FormError[] {
  return isWrong ? [{ id, label, message }] : []
}

export interface ProxySide {
  /** `host:port` */
  readonly point: string
  readonly tls: boolean
}

/** The command that starts a proxy between the two clusters; proxies use TLS unless told otherwise. */
export function proxyCommand(source: ProxySide, target: ProxySide): string {
  const sides = [
    ['source', source],
    ['target', target],
  ] as const
  const hosts = sides.map(([name, { point }]) => point.split(':')[0] || name.toUpperCase())
  const options = sides.flatMap(([name, { point, tls }]) => {
    const port = point.split(':')[1] ?? '9042'
    return [
      ...(port === '9042' ? [] : [`--${name}-port ${port}`]),
      ...(tls ? [] : [`--disable-${name}-tls true`]),
    ]
  })
  return ['scamander proxy', ...hosts, ...options, '--proxy-port 29042'].join(' ')
}
