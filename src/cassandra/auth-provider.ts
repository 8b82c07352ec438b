/**
 * Which way of logging in the settings ask for, checked at start. PLAIN serves both planes.
 * Called where settings are mapped to a connection; GSSAPI is refused with what to use instead.
 * Spec: cassandra-sink 3.2.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { CASSANDRA_ERRORS } from './errors.ts'
import type { Credentials } from './settings.ts'

export interface AuthSettings {
  /** As written: `None`, `PLAIN`, `GSSAPI`; empty: not given. */
  readonly provider: string
  readonly username?: string
  readonly password?: string
}

/** Undefined: no login. A name or password alone implies PLAIN. */
export function toCredentials(settings: AuthSettings): Credentials | undefined {
  const { provider, username = '', password = '' } = settings
  if (provider === 'GSSAPI') {
    throw new ScamanderError(
      CASSANDRA_ERRORS.AUTH_UNSUPPORTED,
      'auth.provider: expected None or PLAIN, found GSSAPI: Kerberos needs a native library that ' +
        'is not part of this product; use PLAIN with a service user, or client certificates (ssl.*)',
    )
  }
  if (provider !== '' && provider !== 'None' && provider !== 'PLAIN') {
    throw new ScamanderError(
      CASSANDRA_ERRORS.AUTH_UNSUPPORTED,
      `auth.provider: expected None or PLAIN, found ${provider}`,
    )
  }
  if (provider !== 'PLAIN' && username === '' && password === '') return undefined
  if (username === '') {
    const found = password === '' ? 'none' : 'a password without a user name'
    throw new ScamanderError(
      CASSANDRA_ERRORS.CREDENTIALS,
      `auth.username: expected a user name with auth.provider=PLAIN, found ${found}`,
    )
  }
  return { username, password }
}
