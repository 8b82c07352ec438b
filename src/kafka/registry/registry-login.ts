/**
 * Credentials and TLS of a schema registry: basic login from the address, the settings or a JAAS
 * line, a fixed token, or tokens by client credentials; key stores by Java's ssl.* properties.
 * Used by the HTTP part of the registry client, once per address.
 * Invariant: nothing secret is in a message. Spec: connect-rest 12.
 */
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { isScamanderError, ScamanderError } from '../../base/scamander-error.ts'
import type { RegistryLogin } from '../../flow/index.ts'
import { KAFKA_ERRORS } from '../errors.ts'
import { parseJaas } from '../jaas.ts'
import { KeyValues } from '../key-values.ts'
import { fetchedToken } from '../oauth-token.ts'
import { toTlsOptions } from '../security-settings.ts'

/** The value of the authorization header; undefined: none. */
export type Authorize = () => Promise<string | undefined>

export function loginOf(login: RegistryLogin, url: URL): Authorize {
  switch (login.kind) {
    case 'url': {
      if (url.username === '') return async () => undefined
      return basic(decodeURIComponent(url.username), decodeURIComponent(url.password))
    }
    case 'basic':
      return basic(login.user, login.password)
    case 'sasl':
      return jaasLogin(login.jaas)
    case 'token':
      return async () => `Bearer ${login.token}`
    case 'oauth': {
      const { endpoint, clientId, clientSecret, scope } = login
      const token = fetchedToken({ url: endpoint, clientId, clientSecret, scope })
      return async () => `Bearer ${await asRegistryError(token)}`
    }
  }
}

function basic(user: string, password: string): Authorize {
  const header = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  return async () => header
}

function jaasLogin(line: string): Authorize {
  const parsed = parseJaas(line)
  const problem = 'problem' in parsed ? parsed.problem : undefined
  const user = 'options' in parsed ? parsed.options.get('username') : undefined
  const password = 'options' in parsed ? parsed.options.get('password') : undefined
  if (user !== undefined && password !== undefined) return basic(user, password)
  throw new ScamanderError(
    KAFKA_ERRORS.BAD_SETTING,
    `sasl.jaas.config: ${problem ?? 'expected the options username and password'}`,
    { context: { key: 'sasl.jaas.config' } },
  )
}

/** An endpoint of tokens that is away counts as a registry that is away. */
async function asRegistryError(token: () => Promise<string>): Promise<string> {
  try {
    return await token()
  } catch (cause) {
    if (!isScamanderError(cause)) throw cause
    const declaration =
      cause.kind === 'disconnected'
        ? KAFKA_ERRORS.REGISTRY_UNREACHABLE
        : KAFKA_ERRORS.REGISTRY_REFUSED
    throw new ScamanderError(declaration, cause.message, { cause })
  }
}

/** Options for https connections; the properties are Java's, without a prefix. */
export function toRegistryTls(properties: Readonly<Record<string, string>>): TlsOptions {
  const values = new KeyValues({ ...properties, 'security.protocol': 'SSL' })
  try {
    return toTlsOptions(values) ?? {}
  } catch (cause) {
    if (!isScamanderError(cause)) throw cause
    const message = `schema.registry.${cause.message}`
    throw new ScamanderError(KAFKA_ERRORS.BAD_SETTING, message, { cause })
  }
}
