import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isAlive, withLock } from './lock-file.ts'
import { readLogTail } from './log-tail.ts'
import { renderStatus } from './status-text.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sandbox-unit-'))
})
afterAll(async () => await rm(dir, { recursive: true }))

/** No process has this id: it lies above every system's limit. */
const DEAD_PID = 2 ** 30

describe('withLock', () => {
  it('lets one in at a time and cleans up after a failure', async () => {
    const path = join(dir, 'a.lock')
    const order: string[] = []
    const first = withLock(path, {}, async () => {
      order.push('first in')
      await new Promise(done => setTimeout(done, 30))
      order.push('first out')
      throw new Error('failed')
    })
    const second = withLock(path, {}, async () => {
      order.push(await readFile(path, 'utf8').then(text => `held by ${text.trim()}`))
    })
    await expect(first).rejects.toThrow('failed')
    await second
    expect(order).toEqual(['first in', 'first out', `held by ${process.pid}`])
    expect(await readdir(dir)).toEqual([])
  })

  it('takes over the lock of a dead process', async () => {
    const path = join(dir, 'b.lock')
    await writeFile(path, `${DEAD_PID}\n`)
    let waited = false
    const told = await withLock(path, { waiting: () => (waited = true) }, () =>
      Promise.resolve('done'),
    )
    expect(told).toBe('done')
    expect(waited).toBe(false)
  })

  it('gives up waiting when it is cancelled', async () => {
    const path = join(dir, 'c.lock')
    await writeFile(path, `${process.pid}\n`)
    const signal = AbortSignal.abort()
    const work = withLock(path, { signal }, () => Promise.resolve())
    await expect(work).rejects.toMatchObject({ kind: 'cancelled' })
  })
})

it('tells living from dead processes', () => {
  expect(isAlive(process.pid)).toBe(true)
  expect(isAlive(DEAD_PID)).toBe(false)
})

describe('readLogTail', () => {
  it('shows the last lines of each file that has any', async () => {
    const path = join(dir, 'x.log')
    await writeFile(
      path,
      `${Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n')}\n`,
    )
    const text = await readLogTail([join(dir, 'absent.log'), path])
    expect(text.split('\n')).toHaveLength(31)
    expect(text.startsWith(`--- ${path}\nline 70\n`)).toBe(true)
    expect(text.endsWith('line 99')).toBe(true)
    expect(await readLogTail([join(dir, 'absent.log')])).toBe('(its logs are empty)')
  })
})

describe('renderStatus', () => {
  it('tells addresses, states and login, never the store password', () => {
    const node = { address: '127.0.0.1', jmxPort: 1, logPath: '', configPath: '' }
    const dirs = { dataDir: '', commitLogDir: '', cdcRawDir: '' }
    const stores = { keystorePkcs12Path: '', keystoreJksPath: '' }
    const lines = renderStatus(
      {
        dir: '/s',
        startedAt: '',
        holder: { pid: 1, kind: 'command' },
        cassandra: {
          ...{ line: '5.0', version: '5.0.6', contactPoints: ['127.0.0.1'], port: 9042 },
          ...{ localDatacenter: 'dc1', username: 'u', password: 'pw' },
          nodes: [{ ...node, ...dirs, pid: 7 }],
          tls: {
            ...{ caPath: '/ca.pem', certPath: '', keyPath: '', ...stores },
            ...{ truststorePkcs12Path: '', truststoreJksPath: '', clientAuth: true },
            storePassword: 'planted-secret',
          },
        },
        kafka: { version: '4.1.1', bootstrapServers: '127.0.0.1:9092', logPath: '' },
      },
      pid => pid === 7,
    )
    expect(lines).toEqual([
      'Cassandra 5.0.6  127.0.0.1:9042  data centre dc1',
      '  node 127.0.0.1  running, pid 7',
      '  login  user u, password pw',
      '  TLS  authority /ca.pem, client certificate required',
      'Kafka 4.1.1  127.0.0.1:9092  stopped',
      'Details  /s/sandbox.json',
    ])
  })
})
