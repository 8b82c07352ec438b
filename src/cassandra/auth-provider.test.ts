/** auth.* settings to a login, and the providers that are refused. */
import { describe, expect, it } from 'vitest'
import { toCredentials } from './auth-provider.ts'

describe('toCredentials', () => {
  it.each([
    [{ provider: '' }, undefined],
    [{ provider: 'None' }, undefined],
    [
      { provider: 'None', username: 'u', password: 'p' },
      { username: 'u', password: 'p' },
    ],
    [
      { provider: '', username: 'u' },
      { username: 'u', password: '' },
    ],
    [
      { provider: 'PLAIN', username: 'u', password: 'p' },
      { username: 'u', password: 'p' },
    ],
  ])('%j', (settings, expected) => {
    expect(toCredentials(settings)).toEqual(expected)
  })

  it.each([
    [{ provider: 'GSSAPI' }, 'auth.provider: expected None or PLAIN, found GSSAPI'],
    [{ provider: 'Kerberos' }, 'auth.provider: expected None or PLAIN, found Kerberos'],
    [{ provider: 'PLAIN' }, 'auth.username: expected a user name'],
    [{ provider: '', password: 'secret-p' }, 'found a password without a user name'],
  ])('%j is refused', (settings, message) => {
    expect(() => toCredentials(settings)).toThrow(message)
  })
})
