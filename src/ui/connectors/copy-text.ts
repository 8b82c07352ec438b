/**
 * A connector as text for elsewhere: JSON, properties, YAML, a curl command, the command line. Pure.
 * Used by the menu Copy as.
 * Invariants: a secret is never in it: `${secret:key}` stands in its place, and references stay as they are
 * written; what a shell reads is quoted as a whole.
 * Spec: ui 4.4 (Copy as), 5.4.
 */
import type { ConfigInfos } from '../../api.ts'
import { formatConfig } from './config-text.ts'
import type { Config } from './connector-queries.ts'
import { toStrimzi } from './strimzi.ts'

export type CopyFormat = 'json' | 'properties' | 'yaml' | 'curl' | 'command'

/** What the server answers for a secret. */
const HIDDEN = '[hidden]'
/** As the server: src/config/secret.ts. */
const LOOKS_SECRET =
  /password|passwd|pwd|passphrase|secret|token|credential|jaas\.config|user\.info|private\.?key|api[-._]?key|ssl\.keystore\.key/i
const IS_INLINE = /^\s*base64:|-----BEGIN/
const IS_REFERENCE = /^\$\{[^}]*\}$/

export function copyText(format: CopyFormat, name: string, { config, url }: CopyOf): string {
  switch (format) {
    case 'json':
      return bodyOf(name, config)
    case 'properties':
      return formatConfig({ name, ...config }, 'properties')
    case 'yaml':
      return toStrimzi(name, config)
    case 'curl':
      return [
        `curl -X PUT ${quoted(`${url}/connectors/${encodeURIComponent(name)}/config`)} \\`,
        "  -H 'Content-Type: application/json' \\",
        `  --data ${quoted(JSON.stringify(config, undefined, 2))}`,
      ].join('\n')
    case 'command':
      return command(name, config, url)
  }
}

export interface CopyOf {
  /** Without secrets. */
  readonly config: Config
  /** Address of the REST API. */
  readonly url: string
}

/** Without secrets: those that the server hid, those that it calls passwords, and what is called like one. */
export function withoutSecrets(config: Config, infos?: ConfigInfos): Config {
  const passwords = new Set(
    infos?.configs.flatMap(({ definition }) =>
      definition?.type === 'PASSWORD' ? [definition.name] : [],
    ),
  )
  const isSecret = (key: string, value: string) =>
    value === HIDDEN ||
    ((passwords.has(key) || LOOKS_SECRET.test(key) || IS_INLINE.test(value)) &&
      value !== '' &&
      !IS_REFERENCE.test(value))
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key,
      isSecret(key, value) ? `\${secret:${key}}` : value,
    ]),
  )
}

export function hasPlaceholder(config: Config): boolean {
  return Object.entries(config).some(([key, value]) => value === `\${secret:${key}}`)
}

function command(name: string, config: Config, url: string): string {
  const file = quoted(`${name.replaceAll(/[^\w.-]/g, '_')}.json`)
  const body = bodyOf(name, config)
  // The word that ends the text must not be a line of it.
  const end = body.split('\n').includes('JSON') ? 'END_OF_JSON' : 'JSON'
  return [
    `cat > ${file} <<'${end}'`,
    body,
    end,
    `scamander connect --url ${quoted(url)} apply --file ${file}`,
  ].join('\n')
}

function bodyOf(name: string, config: Config): string {
  const { name: _own, ...rest } = config
  return JSON.stringify({ name, config: rest }, undefined, 2)
}

/** One word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
