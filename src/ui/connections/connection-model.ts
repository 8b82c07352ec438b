/**
 * The form of a connection without its look: which fields are shown, what is sent, and which field a
 * failed step belongs to. Pure.
 * Invariant: a secret that was not touched is not sent, so that it stays what it is.
 * Spec: ui 4.4, 5.2; backlog-replication 2.2.
 */
import type { ConnectorKind, Properties, PropertyInfo, TestResult } from '../../api-v1.ts'

export type Values = Readonly<Record<string, string | boolean>>
export type FieldErrors = Readonly<Record<string, string>>

/** "Use SSL" is `use-ssl`. */
export function toFieldId(label: string): string {
  return label
    .toLowerCase()
    .replace(/[^a-z\d]+/g, '-')
    .replace(/^-|-$/g, '')
}

export function isShown(property: PropertyInfo, values: Values): boolean {
  const { when } = property
  return when === undefined || when.values.includes(values[when.key] as string | boolean)
}

/** What the form starts with; of a saved connection without its secrets. */
export function initialValues(
  properties: readonly PropertyInfo[],
  known: Properties = {},
): Record<string, string | boolean> {
  return Object.fromEntries(
    properties.map(({ key, type, default: preset }) => {
      const value = known[key] ?? preset ?? (type === 'boolean' ? false : '')
      return [key, typeof value === 'number' ? String(value) : value]
    }),
  )
}

/** As the API takes it: what is shown, numbers as numbers, empty texts left out. */
export function toProperties(properties: readonly PropertyInfo[], values: Values): Properties {
  const sent: Record<string, string | number | boolean> = {}
  for (const property of properties) {
    const value = values[property.key]
    if (value === undefined || value === '' || !isShown(property, values)) continue
    const isNumber = property.type === 'number' && /^\d+$/.test(String(value))
    sent[property.key] = isNumber ? Number(value) : value
  }
  return sent
}

/** What Copy as writes; `secrets`: those that are saved. */
export function toCopied(
  properties: readonly PropertyInfo[],
  {
    name,
    labels,
    values,
  }: { readonly name: string; readonly labels: readonly string[]; readonly values: Values },
  secrets: Readonly<Record<string, { readonly set: boolean }>> = {},
) {
  const kept = Object.keys(secrets).filter(key => secrets[key]?.set === true)
  return { name: name.trim(), labels, properties: toProperties(properties, values), kept }
}

/** What can be told without the server: names and what is missing. `kept`: secrets that are set. */
export function checkValues(
  name: string,
  properties: readonly PropertyInfo[],
  of: { readonly values: Values; readonly kept: ReadonlySet<string> },
): FieldErrors {
  const errors: Record<string, string> = {}
  if (name.trim() === '') errors['name'] = 'Connection Name is missing. Give it a name of your own.'
  for (const property of properties) {
    const { key, label, required } = property
    if (!required || !isShown(property, of.values) || of.kept.has(key)) continue
    if ((of.values[key] ?? '') === '') errors[key] = `${label} is missing.`
  }
  return errors
}

const FIELD_OF_STEP: Readonly<Record<ConnectorKind, Readonly<Record<string, string>>>> = {
  cassandra: {
    ...{ resolve: 'server', tcp: 'port', tls: 'useSsl', handshake: 'port' },
    ...{ authenticate: 'password', keyspace: 'database', schema: 'user', write: 'database' },
    topology: 'consistencyLevel',
  },
  backlog: { resolve: 'url', tls: 'url', space: 'url', myself: 'apiKey', projects: 'apiKey' },
}

/** The field to correct after a test that failed. */
export function errorsOfTest(kind: ConnectorKind, test: TestResult): FieldErrors {
  const failed = test.steps.find(one => one.state === 'failed')
  if (failed === undefined) return {}
  const isRefused = test.status === 'AUTH_FAILED'
  const isEnded = test.status === 'AUTH_EXPIRED'
  const field = isRefused
    ? 'apiKey'
    : isEnded
      ? 'oauthClientId'
      : (FIELD_OF_STEP[kind][failed.key] ?? 'name')
  return { [field]: [failed.text, failed.advice].filter(Boolean).join('. ') }
}
