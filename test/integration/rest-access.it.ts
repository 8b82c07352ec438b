/**
 * Who reaches the REST API and how, over real sockets: https with key stores in three formats,
 * client certificates, users from a file, loggers on a listener of their own, and no way in
 * without a login from elsewhere.
 */

import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import {
  callRest,
  type Settings,
  startWorker,
  type TestWorker,
  temporaryFile,
} from '../support/standalone.ts'

const at = (name: string) => fileURLToPath(new URL(`../golden/keystores/${name}`, import.meta.url))
const PASSWORD = 'changeit'
const CA = readFileSync(at('ca.pem'), 'utf8')

let worker: TestWorker | undefined
afterEach(async () => {
  await worker?.stop()
  worker = undefined
})

interface TlsAnswer {
  readonly status: number
  readonly body: string
}

function getTls(url: string, more: { cert?: string; key?: string; auth?: string } = {}) {
  const { promise, resolve, reject } = Promise.withResolvers<TlsAnswer>()
  const options = { ca: CA, checkServerIdentity: () => undefined, agent: false as const, ...more }
  const call = request(url, options, response => {
    let body = ''
    response.on('data', chunk => {
      body += chunk
    })
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
  })
  call.on('error', reject)
  call.end()
  return promise
}

describe('https', () => {
  const https: Settings = { listeners: 'https://127.0.0.1:0' }
  const pem = {
    'listeners.https.ssl.keystore.type': 'PEM',
    'listeners.https.ssl.keystore.location': temporaryFile(
      'server-all.pem',
      readFileSync(at('server-key.pem'), 'utf8') + readFileSync(at('server.pem'), 'utf8'),
    ),
  }
  const pkcs12 = {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': at('server.p12'),
    'ssl.keystore.password': PASSWORD,
  }
  const jks = {
    'listeners.https.ssl.keystore.location': at('client.jks'),
    'listeners.https.ssl.keystore.password': PASSWORD,
  }

  it.each([
    ['PEM', pem],
    ['PKCS12, with the keys of the worker', pkcs12],
    ['JKS', jks],
  ])('serves from %s', async (_what, settings) => {
    worker = await startWorker([], { ...https, ...settings })
    expect(worker.url).toMatch(/^https:/)
    const { status, body } = await getTls(`${worker.url}/connectors`)
    expect([status, body]).toEqual([200, '[]'])
    await expect(callRest(worker.url.replace('https', 'http'), 'GET', '/')).rejects.toThrow()
  })

  it.each([
    ['required', false],
    ['requested', true],
  ])('with client certificates %s', async (clientAuth, isFree) => {
    worker = await startWorker([], {
      ...https,
      ...pem,
      'listeners.https.ssl.client.auth': clientAuth,
      'listeners.https.ssl.truststore.location': at('ca.pem'),
      'listeners.https.ssl.truststore.type': 'PEM',
    })
    const own = {
      cert: readFileSync(at('client.pem'), 'utf8'),
      key: readFileSync(at('client-key.pem'), 'utf8'),
    }
    expect((await getTls(`${worker.url}/`, own)).status).toBe(200)
    const foreign = {
      cert: readFileSync(at('ec.pem'), 'utf8'),
      key: readFileSync(at('ec-key.pem'), 'utf8'),
    }
    if (isFree) expect((await getTls(`${worker.url}/`)).status).toBe(200)
    else await expect(getTls(`${worker.url}/`)).rejects.toThrow()
    await expect(getTls(`${worker.url}/`, foreign)).rejects.toThrow()
  })

  it('does not start without a key store', async () => {
    await expect(startWorker([], https)).rejects.toThrow(
      /ssl\.keystore\.location: expected the key store of the https listener/,
    )
  })
})

describe('users from a file', () => {
  const basic = (text: string) => ({ authorization: `Basic ${btoa(text)}` })

  it('are let in, under the setting of ours and as the extension of Kafka Connect has it', async () => {
    const users = temporaryFile('users', 'ann=pass-1\n')
    const jaas = temporaryFile(
      'jaas.conf',
      `KafkaConnect { x.PropertyFileLoginModule required file="${users}"; };`,
    )
    const extension = 'rest.extension.classes'
    const className =
      'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension'
    process.env['KAFKA_OPTS'] = `-Djava.security.auth.login.config=${jaas}`
    try {
      for (const settings of [{ 'scamander.rest.basic.file': users }, { [extension]: className }]) {
        worker = await startWorker([], settings)
        const refused = await worker.call('GET', '/connectors')
        expect([refused.status, refused.text, refused.headers.get('content-type')]).toEqual([
          401,
          'User cannot access the resource.',
          'text/plain',
        ])
        const wrong = await worker.call('GET', '/connectors', undefined, basic('ann:pass-2'))
        expect(wrong.status).toBe(401)
        const ann = await worker.call('GET', '/connectors', undefined, basic('ann:pass-1'))
        expect(ann.status).toBe(200)
        expect(worker.logs.join()).not.toContain('pass-1')
        await worker.stop()
      }
    } finally {
      delete process.env['KAFKA_OPTS']
      worker = undefined
    }
  })

  it('allow addresses that others reach; without a login the worker does not start', async () => {
    const listeners = 'http://0.0.0.0:0'
    await expect(startWorker([], { listeners })).rejects.toThrow(/no login is configured/)
    worker = await startWorker([], { listeners, 'scamander.rest.token': 't' })
    expect((await worker.call('GET', '/')).status).toBe(401)
    const authorization = 'Bearer t'
    expect((await worker.call('GET', '/', undefined, { authorization })).status).toBe(200)
  })
})

describe('loggers', () => {
  const body = { level: 'DEBUG' }

  it('are on the main listener, on their own, or nowhere', async () => {
    worker = await startWorker([])
    expect((await worker.call('PUT', '/admin/loggers/scamander.server', body)).status).toBe(200)
    await worker.call('GET', '/connectors')
    expect(worker.logs.filter(line => line.includes('"path":"/connectors"'))).toHaveLength(1)
    const { json } = await worker.call('GET', '/admin/loggers')
    expect(json['scamander.server']).toEqual({
      level: 'DEBUG',
      last_modified: expect.any(Number),
    })
    expect(json['root']).toEqual({ level: 'INFO', last_modified: null })
    const cluster = await worker.call('PUT', '/admin/loggers/root?scope=cluster', body)
    expect([cluster.status, cluster.text]).toEqual([204, ''])
    await worker.stop()
    worker = await startWorker([], { 'admin.listeners': '' })
    expect((await worker.call('GET', '/admin/loggers')).status).toBe(404)
    await worker.stop()
    worker = await startWorker([], { 'admin.listeners': 'http://127.0.0.1:18930' })
    expect((await worker.call('GET', '/admin/loggers')).status).toBe(404)
    const own = await callRest('http://127.0.0.1:18930', 'GET', '/admin/loggers/')
    expect(own.status).toBe(200)
    expect((await callRest('http://127.0.0.1:18930', 'GET', '/connectors')).status).toBe(404)
  })
})

describe('the advertised address', () => {
  it('does not change where the worker listens; headers are added', async () => {
    worker = await startWorker([], {
      'rest.advertised.host.name': 'worker.example',
      'rest.advertised.port': '443',
      'response.http.headers.config': 'set X-Frame-Options: DENY',
    })
    expect(worker.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    const { headers } = await worker.call('GET', '/')
    expect(headers.get('x-frame-options')).toBe('DENY')
  })
})
