/** What a failed start tells: the most telling node first, always with the key to correct. */
import { errors } from 'cassandra-driver'
import { describe, expect, it } from 'vitest'
import { CONNECTION_DEFAULTS } from '../settings.ts'
import { toConnectError } from './connect-error.ts'

const socket = (code: string, text = code) => Object.assign(new Error(text), { code })
const tried = (inner: Record<string, unknown>) => new errors.NoHostAvailableError(inner as never)
const PLAIN = { ...CONNECTION_DEFAULTS, localDc: 'dc1' }
const TLS = { ...PLAIN, tls: { hostnameValidation: true } }

describe('toConnectError', () => {
  it.each<[string, object, Error, string, string]>([
    [
      'refused',
      PLAIN,
      tried({ 'a:1': socket('ECONNREFUSED') }),
      'CONTACT_REFUSED',
      'contactPoints, port: expected a Cassandra node at a:1, found: the connection is refused',
    ],
    [
      'all refused',
      PLAIN,
      tried(
        Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map(name => [name, socket('ECONNREFUSED')])),
      ),
      'CONTACT_REFUSED',
      'at a, b, c and 2 more',
    ],
    [
      'login before refused',
      PLAIN,
      tried({ a: socket('ECONNREFUSED'), b: new errors.ResponseError(0x0100, 'bad') }),
      'CREDENTIALS',
      'a login that b accepts',
    ],
    [
      'data centre',
      PLAIN,
      new errors.ArgumentError('Datacenter dc1 was not found. Available DCs are: [east,west]'),
      'LOCAL_DC',
      'expected one of the data centres of the cluster (east, west), found "dc1"',
    ],
    [
      'TLS demanded',
      PLAIN,
      tried({ a: Object.assign(new Error('Socket was closed'), { isSocketError: true }) }),
      'TLS_REFUSED',
      'ssl.provider: ',
    ],
    [
      'host name',
      TLS,
      tried({ a: socket('ERR_TLS_CERT_ALTNAME_INVALID') }),
      'TLS_REFUSED',
      'ssl.hostnameValidation: ',
    ],
    [
      'trust',
      TLS,
      tried({ a: socket('UNABLE_TO_VERIFY_LEAF_SIGNATURE') }),
      'TLS_REFUSED',
      'ssl.truststore.path: ',
    ],
    [
      'ciphers',
      TLS,
      tried({ a: socket('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE') }),
      'TLS_REFUSED',
      'ssl.cipherSuites: ',
    ],
    [
      'client certificate',
      TLS,
      tried({ a: socket('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED') }),
      'TLS_REFUSED',
      'ssl.keystore.path: ',
    ],
    ['refused with TLS', TLS, tried({ a: socket('ECONNREFUSED') }), 'CONTACT_REFUSED', 'refused'],
  ])('%s', (_name, settings, error, what, text) => {
    const found = toConnectError(error, settings as typeof PLAIN, true)
    expect(found.code).toBe(`SCM_CASSANDRA_${what}`)
    expect(found.kind).toBe('config')
    expect(found.message).toContain(text)
  })

  it('is a lost connection when a session is opened again, except for settings that are wrong', () => {
    const refused = tried({ a: socket('ECONNREFUSED') })
    expect(toConnectError(refused, PLAIN, false).kind).toBe('disconnected')
    const login = tried({ a: new errors.ResponseError(0x0100, 'bad') })
    expect(toConnectError(login, PLAIN, false).kind).toBe('config')
  })

  it('names the keys of the dialect that the settings came from, and what servers say as it is', () => {
    const keyNames = new Map([
      ['contactPoints', 'my.points'],
      ['port', 'my.port'],
      ['loadBalancing.localDc', 'my.dc'],
    ])
    const settings = { ...PLAIN, keyNames }
    const refused = toConnectError(tried({ a: socket('EODD', 'port: closed') }), settings, true)
    expect(refused.message).toBe(
      'my.points, my.port: expected a Cassandra node at a, found: port: closed',
    )
    expect(refused.advice).toContain('Check `my.points` and `my.port`')
    const cause = new errors.ArgumentError(
      'Datacenter dc1 was not found. Available DCs are: [port]',
    )
    const dc = toConnectError(cause, settings, true)
    expect(dc.message).toBe(
      'my.dc: expected one of the data centres of the cluster (port), found "dc1"',
    )
    expect(dc.advice).toContain('Set `my.dc`')
  })

  it('never shows the password', () => {
    const settings = { ...PLAIN, credentials: { username: 'u', password: 'planted' } }
    const login = tried({ a: new errors.ResponseError(0x0100, 'bad planted for u') })
    expect(toConnectError(login, settings, true).message).not.toContain('planted')
  })
})
