/**
 * Users of the REST API from files: `name=password` lines, named by a setting of ours or, as Kafka
 * Connect's basic authentication extension has it, by the JAAS file of the Java options.
 * Called once at start. Passwords are never part of a message.
 * Invariant: a file without users is refused: the extension of Kafka would let everybody in.
 * Spec: connect-rest 1 (basic auth), 8 (rest.extension.classes).
 */
import { readFileSync } from 'node:fs'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import { readProperties } from '../config/index.ts'
import { SERVER_ERRORS } from './errors.ts'

const BASIC_AUTH = 'BasicAuthSecurityRestExtension'

export interface CredentialSettings {
  /** A file of users; empty: none. */
  readonly usersFile: string
  readonly extensions: readonly string[]
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** `name:password` of every user. */
export function readUsers({ usersFile, extensions, env }: CredentialSettings): string[] {
  const files = usersFile === '' ? [] : [{ path: usersFile, key: 'scamander.rest.basic.file' }]
  if (files.length === 0 && extensions.some(isBasicAuth)) files.push(jaasFile(env ?? process.env))
  return files.flatMap(({ path, key }) => usersOf(path, key))
}

/** The extension classes that nothing here stands for. */
export function unknownExtensions(extensions: readonly string[]): string[] {
  return extensions.filter(one => !isBasicAuth(one))
}

function isBasicAuth(className: string): boolean {
  return className.slice(className.lastIndexOf('.') + 1) === BASIC_AUTH
}

function usersOf(path: string, key: string): string[] {
  const { entries } = readProperties(readText(path, key))
  const users = [...entries].map(([name, { value }]) => `${name}:${value}`)
  if (users.length > 0) return users
  throw refused(`${key}: expected users as name=password in ${path}, found none`)
}

/** `-Djava.security.auth.login.config=<path>` names a file with an entry `KafkaConnect`. */
function jaasFile(env: Readonly<Record<string, string | undefined>>) {
  const key = 'rest.extension.classes'
  const option = /(?:^|\s)-Djava\.security\.auth\.login\.config=(?:"([^"]+)"|(\S+))/
  const match = option.exec(env['KAFKA_OPTS'] ?? '')
  const path = match?.[1] ?? match?.[2]
  if (path === undefined) {
    throw refused(
      `${key}: expected the users of ${BASIC_AUTH} in scamander.rest.basic.file, or a JAAS file named by -Djava.security.auth.login.config in KAFKA_OPTS, found neither`,
    )
  }
  const entry = /KafkaConnect\s*\{([^}]*)\}/.exec(readText(path, key))?.[1]
  const file = /PropertyFileLoginModule\s+\w+\s[^;]*\bfile\s*=\s*"([^"]+)"/.exec(entry ?? '')?.[1]
  if (file !== undefined) return { path: file, key }
  throw refused(
    `${key}: expected an entry KafkaConnect with PropertyFileLoginModule and file="…" in ${path}, found none`,
  )
}

function readText(path: string, key: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? messageOf(error)
    throw refused(`${key}: cannot read ${path} (${code})`)
  }
}

function refused(message: string): ScamanderError {
  return new ScamanderError(SERVER_ERRORS.USERS, message)
}
