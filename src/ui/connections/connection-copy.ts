/**
 * A connection as text for elsewhere: the curl command that makes it, and YAML. Pure.
 * Used by the menu Copy as.
 * Invariants: a secret is never in it: `${secret:name}` stands in its place, and references stay as they
 * are written; what a shell or YAML reads is quoted as a whole.
 * Spec: ui 4.4 (Copy as), 5.2.
 */
import type { ConnectionDraft, ConnectorInfoV1, Properties } from '../../api-v1.ts'
import { toFieldId } from './connection-model.ts'

export type ConnectionCopy = 'curl' | 'yaml'

const IS_REFERENCE = /^\$\{[^}]*\}$/

export interface CopiedConnection {
  readonly name: string
  readonly labels: readonly string[]
  readonly properties: Properties
  /** Keys of secrets that are saved and that the form does not hold. */
  readonly kept: readonly string[]
}

export function connectionText(
  format: ConnectionCopy,
  kind: ConnectorInfoV1,
  { of, url }: { readonly of: CopiedConnection; readonly url: string },
): string {
  const draft: ConnectionDraft = {
    ...{ name: of.name, connector: kind.kind, labels: of.labels },
    properties: withoutSecrets(kind, of),
  }
  if (format === 'yaml') return toYaml(draft)
  return [
    `curl -X POST ${quoted(`${url}/api/v1/connections`)} \\`,
    "  -H 'Content-Type: application/json' \\",
    `  --data ${quoted(JSON.stringify(draft, undefined, 2))}`,
  ].join('\n')
}

/** `${secret:acme-backlog-api-key}`: the name of the connection and of the field. */
export function withoutSecrets(kind: ConnectorInfoV1, of: CopiedConnection): Properties {
  const secrets = kind.properties.filter(one => one.type === 'secret')
  const placed = secrets.flatMap(({ key, label }) => {
    const given = of.properties[key]
    if (given === undefined && !of.kept.includes(key)) return []
    if (typeof given === 'string' && IS_REFERENCE.test(given)) return [[key, given] as const]
    return [[key, `\${secret:${toFieldId(`${of.name} ${label}`)}}`] as const]
  })
  return { ...of.properties, ...Object.fromEntries(placed) }
}

/** Flow text in double quotes is YAML as well as JSON. */
function toYaml({ name, connector, labels = [], properties }: ConnectionDraft): string {
  const lines = Object.entries(properties).map(
    ([key, value]) => `  ${key}: ${JSON.stringify(value)}`,
  )
  return [
    `name: ${JSON.stringify(name)}`,
    `connector: ${connector}`,
    `labels: ${JSON.stringify(labels)}`,
    ...(lines.length === 0 ? ['properties: {}'] : ['properties:', ...lines]),
    '',
  ].join('\n')
}

/** One word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
