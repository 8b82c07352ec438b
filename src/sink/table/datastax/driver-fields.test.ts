import { describe, expect, it } from 'vitest'
import { ConfigError, type Lint, sourceOf } from '../../../config/index.ts'
import { parseDatastaxSink } from './config.ts'

const MINIMAL = { 'topic.t.ks.tbl.mapping': 'id=key' }
const CONTACT = { contactPoints: '10.0.0.1', 'loadBalancing.localDc': 'dc1' }
const DRIVER = 'datastax-java-driver.'

function parse(config: Record<string, string>) {
  return parseDatastaxSink(sourceOf({ ...MINIMAL, ...config }))
}

function problemsOf(config: Record<string, string>): readonly Lint[] {
  try {
    parse(config)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

const messagesOf = (config: Record<string, string>) => problemsOf(config).map(one => one.message)

describe('contact points', () => {
  it('names the bad entries', () => {
    const contactPoints = '10.0.0.1,[::1],a*b,"x",host_1,10.0.0.300,db.example.com'
    expect(messagesOf({ ...CONTACT, contactPoints })[0]).toContain(
      'bad: "[::1]", "a*b", ""x"", "10.0.0.300"',
    )
  })

  it.each(['contactPoints', `${DRIVER}basic.contact-points`])(
    'a bad entry of %s does not hide the missing data centre',
    key => {
      const keys = problemsOf({ [key]: 'a*b' }).map(one => one.key)
      expect(new Set(keys)).toEqual(new Set([key, 'loadBalancing.localDc']))
    },
  )

  it('takes addresses and names, joins the driver list, drops doubles', () => {
    const { settings } = parse({
      'loadBalancing.localDc': 'dc1',
      contactPoints: 'a.example, ::1',
      port: '9142',
      [`${DRIVER}basic.contact-points.1`]: '[::1]:9142',
      [`${DRIVER}basic.contact-points.0`]: 'b:9043',
    })
    expect(settings.connection.contactPoints).toEqual([
      { host: 'a.example', port: 9142 },
      { host: '::1', port: 9142 },
      { host: 'b', port: 9043 },
    ])
  })

  it('require the local data centre, from either key', () => {
    expect(problemsOf({ contactPoints: 'a' })).toMatchObject([
      { key: 'loadBalancing.localDc', kind: 'missing' },
    ])
    const alias = `${DRIVER}basic.load-balancing-policy.local-datacenter`
    expect(parse({ contactPoints: 'a', [alias]: 'DC' }).settings.connection.localDc).toBe('DC')
  })

  it('refuse driver entries without a port', () => {
    const key = `${DRIVER}basic.contact-points`
    const [message] = messagesOf({ [key]: 'a:1,b,c:99999', 'loadBalancing.localDc': 'd' })
    expect(message).toContain('bad: "b", "c:99999"')
  })
})

describe('driver pass-through', () => {
  it('understands implemented options', () => {
    const { settings, warnings } = parse({
      [`${DRIVER}basic.request.timeout`]: '500ms',
      [`${DRIVER}advanced.protocol.version`]: 'v4',
      [`${DRIVER}advanced.protocol.max-frame-length`]: '1 MiB',
      [`${DRIVER}advanced.reconnection-policy.class`]: 'ConstantReconnectionPolicy',
      [`${DRIVER}advanced.reconnection-policy.base-delay`]: '2 seconds',
      [`${DRIVER}advanced.metrics.session.enabled.0`]: 'bytes-sent',
    })
    expect(warnings).toEqual([])
    expect(settings.connection).toMatchObject({
      requestTimeoutMs: 500,
      protocolVersion: 4,
      maxFrameBytes: 1_048_576,
      reconnectBaseMs: 2000,
      reconnectMaxMs: 2000,
    })
    expect(settings.jmx.sessionMetrics).toEqual(['bytes-sent'])
  })

  it.each([
    ['advanced.retry-policy.class', 'ConsistencyDowngradingRetryPolicy'],
    ['advanced.socket.linger-interval', '3'],
    ['advanced.metrics.node.enabled', 'bytes-sent'],
    ['advanced.socket.send-buffer-size', '65536'],
    ['advanced.socket.receive-buffer-size', '65536'],
    ['advanced.socket.reuse-address', 'true'],
    ['advanced.timestamp-generator.class', 'AtomicTimestampGenerator'],
    ['advanced.connection.pool.remote.size', '2'],
    ['advanced.metadata.schema.refreshed-keyspaces', 'a, b'],
    ['basic.request.consistency', 'QUORUM'],
    ['basic.request.page-size', '100'],
    ['advanced.speculative-execution-policy.class', 'com.example.Own'],
  ])('says that %s has no effect', (path, value) => {
    const key = `${DRIVER}${path}`
    expect(parse({ [key]: value }).warnings).toMatchObject([{ kind: 'no-effect', key }])
  })

  it.each([
    ['advanced.retry-policy.class', 'DefaultRetryPolicy'],
    ['advanced.socket.tcp-no-delay', 'false'],
    ['advanced.socket.keep-alive', 'true'],
    ['advanced.timestamp-generator.class', 'ServerSideTimestampGenerator'],
    ['advanced.speculative-execution-policy.class', 'ConstantSpeculativeExecutionPolicy'],
  ])('takes %s=%s without a word', (path, value) => {
    expect(parse({ [`${DRIVER}${path}`]: value }).warnings).toEqual([])
  })

  it('accepts any other option with one warning that names it', () => {
    const key = `${DRIVER}advanced.netty.io-group.size`
    expect(parse({ [key]: '4' }).warnings).toMatchObject([{ kind: 'no-effect', key }])
  })
})
