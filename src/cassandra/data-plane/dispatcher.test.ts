/** The write path against scripted servers: grouping, limits, order, retries, faults. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  prepared,
  type Script,
  ScriptedCqlServer,
  type ScriptedRequest,
  serverError,
  VOID,
} from '../../../test/support/scripted-cql-server.ts'
import { type CqlResponse, ERROR_CODE } from '../../cql/index.ts'
import { FLAG_ORDERED, FLAG_UNROUTED } from './row-batch.ts'
import { batchOf, type PlaneOptions, statementOf, TestDataPlane } from './test-plane.ts'

const rejections: unknown[] = []
const note = (reason: unknown) => rejections.push(reason)
beforeEach(() => void process.on('unhandledRejection', note))
afterEach(() => {
  process.off('unhandledRejection', note)
  expect(rejections.splice(0)).toEqual([])
})

async function start(script: Script | undefined, options: PlaneOptions = {}, count = 1) {
  const starting = Array.from({ length: count }, () =>
    ScriptedCqlServer.start(script === undefined ? {} : { script }),
  )
  const servers = await Promise.all(starting)
  const plane = await TestDataPlane.open(servers, options)
  onTestFinished(async () => {
    plane.close()
    for (const server of servers) await server[Symbol.asyncDispose]()
  })
  return { plane, server: servers[0]!, servers }
}

/** Keys and values of a write, in order. */
function rowsOf({ message }: ScriptedRequest): (readonly [key: number, value: number])[] {
  const rows =
    message.kind === 'BATCH'
      ? message.children.map(child => child.values)
      : message.kind === 'EXECUTE'
        ? [message.parameters.values ?? []]
        : []
  return rows.map(([k, v]) => [(k as Buffer).readInt32BE(0), (v as Buffer).readInt32BE(0)])
}

/** Sockets take their time: waits for a state, with a limit. */
const until = (isThere: () => boolean) =>
  vi.waitFor(() => expect(isThere()).toBe(true), { interval: 2, timeout: 3000 })

const rows = (count: number, keys = count) =>
  Array.from({ length: count }, (_, i) => ({ key: i % keys, value: i }))
const writeTimeout = (writeType: string): CqlResponse => ({
  kind: 'ERROR',
  code: ERROR_CODE.WRITE_TIMEOUT,
  message: 'timed out',
  details: { code: ERROR_CODE.WRITE_TIMEOUT, consistency: 1, received: 0, blockFor: 1, writeType },
})
const isWrite = ({ message }: ScriptedRequest) => /EXECUTE|BATCH/.test(message.kind)
/** Answers the first `count` writes so. */
const first = (count: number, answer: CqlResponse | 'close'): Script => {
  let left = count
  return request => (isWrite(request) && left-- > 0 ? answer : undefined)
}

describe('grouping', () => {
  it('by partition: rows of one key in one batch, a lone row as EXECUTE', async () => {
    const { plane, server } = await start(undefined, {
      planner: { batchBy: 'partition', rowsMax: 3 },
    })
    const sent = [1, 2, 1, 1, 3, 1, 2].map((key, value) => ({ key, value }))
    expect(await plane.write(batchOf(sent))).toEqual([])
    const groups = server.writes.map(one => [one.message.kind, rowsOf(one)] as const)
    // Requests leave in token order.
    expect(groups.toSorted(([, a], [, b]) => a[0]![1]! - b[0]![1]!)).toEqual([
      [
        'BATCH',
        [
          [1, 0],
          [1, 2],
          [1, 3],
        ],
      ],
      [
        'BATCH',
        [
          [2, 1],
          [2, 6],
        ],
      ],
      ['EXECUTE', [[3, 4]]],
      ['EXECUTE', [[1, 5]]],
    ])
    const [batch] = server.writes
    expect(batch?.message).toMatchObject({ type: 1, consistency: 10 })
  })

  it('never mixes groups, counters go in counter batches, unrouted rows alone', async () => {
    const { plane, server } = await start(undefined)
    const counter = statementOf({ batchGroup: 1, isCounter: true, consistency: 6 })
    const sent = [
      ...rows(2),
      ...rows(2).map(row => ({ ...row, statement: counter })),
      { key: 9, value: 9, flags: FLAG_UNROUTED },
    ]
    expect(await plane.write(batchOf(sent))).toEqual([])
    expect(server.writes.map(({ message }) => message)).toMatchObject([
      { kind: 'BATCH', type: 1, consistency: 10 },
      { kind: 'BATCH', type: 2, consistency: 6 },
      { kind: 'EXECUTE' },
    ])
  })

  it('one row per request when batching is off', async () => {
    const { plane, server } = await start(undefined, { planner: { rowsMax: 1 } })
    expect(await plane.write(batchOf(rows(20, 2)))).toEqual([])
    expect(server.writes.every(one => one.message.kind === 'EXECUTE')).toBe(true)
    expect(server.writes).toHaveLength(20)
  })

  it('many frames leave in one socket write', async () => {
    const { plane, server } = await start(undefined, { planner: { rowsMax: 1 } })
    await plane.write(batchOf(rows(90)))
    const chunks = new Set(server.writes.map(one => one.chunk))
    expect(chunks.size).toBeLessThanOrEqual(3)
  })
})

describe('limits', () => {
  it('maxConcurrentRequests is never exceeded', async () => {
    const { plane, server } = await start(request => (isWrite(request) ? 'hold' : undefined), {
      requestsMax: 7,
      planner: { rowsMax: 1 },
    })
    let high = 0
    const timer = setInterval(() => {
      high = Math.max(high, server.held.length)
      for (const one of server.held.splice(0, 3)) one.reply(VOID)
    }, 2)
    const deliveries = [plane.write(batchOf(rows(60))), plane.write(batchOf(rows(40)))]
    expect(await Promise.all(deliveries)).toEqual([[], []])
    clearInterval(timer)
    expect(high).toBe(7)
    expect(plane.limits).toMatchObject({ requests: 0, bytes: 0, requestsHigh: 7 })
  })

  it('a server that stops reading holds the queue back, not the memory', async () => {
    const { plane, server } = await start(undefined, { bytesMax: 2 << 20 })
    server.setReading(false)
    const large = Array.from({ length: 120 }, (_, key) => ({ key, value: key, padding: 100_000 }))
    const written = plane.write(batchOf(large))
    await new Promise(resolve => setTimeout(resolve, 60))
    expect(plane.limits.bytes).toBeLessThanOrEqual(2 << 20)
    expect(plane.dispatcher.waiting).toBeGreaterThan(60)
    server.setReading(true)
    expect(await written).toEqual([])
    expect(server.writes.flatMap(rowsOf)).toHaveLength(120)
  })

  it('one node that stops reading does not stop the others', async () => {
    const { plane, servers } = await start(
      undefined,
      { settings: { requestTimeoutMs: 400 }, planner: { rowsMax: 1 } },
      2,
    )
    servers[0]!.setReading(false)
    const large = Array.from({ length: 100 }, (_, key) => ({ key, value: key, padding: 200_000 }))
    await plane.write(batchOf(large))
    expect(servers[1]!.writes.length).toBeGreaterThan(50)
  })

  it('a connection that owes answers and is silent is given up', async () => {
    const { plane, server } = await start(request => (isWrite(request) ? 'hold' : undefined), {
      settings: { requestTimeoutMs: 60_000, heartbeatIntervalMs: 60, heartbeatTimeoutMs: 20 },
    })
    server.setReading(false)
    const startedMs = performance.now()
    const [failure] = await plane.write(batchOf(rows(1)))
    expect(performance.now() - startedMs).toBeLessThan(2000)
    expect(failure?.error).toMatchObject({ kind: 'disconnected' })
    server.release()
    await until(() => plane.pools[0]!.isUsable)
  })
})

describe('order without timestamps', () => {
  it('rows of one key are never under way together, across batches', async () => {
    const { plane, server } = await start(request => (isWrite(request) ? 'hold' : undefined))
    const sent = rows(30, 3).map(row => ({ ...row, flags: FLAG_ORDERED }))
    const written = plane.write(batchOf(sent))
    for (let wave = 0; wave < 10; wave++) {
      await until(() => server.held.flatMap(rowsOf).length === 3)
      const keys = server.held.flatMap(rowsOf).map(([key]) => key)
      expect(new Set(keys).size).toBe(3)
      server.release()
    }
    expect(await written).toEqual([])
    const perKey = Map.groupBy(server.writes.flatMap(rowsOf), ([key]) => key)
    for (const values of perKey.values()) {
      const order = values.map(([, value]) => value)
      expect(order).toEqual([...order].sort((a, b) => a - b))
    }
  })
})

describe('retries', () => {
  const cases: [string, boolean, boolean, CqlResponse][] = [
    ['overloaded', true, true, serverError(ERROR_CODE.OVERLOADED)],
    ['overloaded', false, false, serverError(ERROR_CODE.OVERLOADED)],
    ['bootstrapping', false, true, serverError(ERROR_CODE.IS_BOOTSTRAPPING)],
    ['server error', true, true, serverError(ERROR_CODE.SERVER_ERROR)],
    ['server error', false, false, serverError(ERROR_CODE.SERVER_ERROR)],
    ['write timeout', true, true, writeTimeout('SIMPLE')],
    ['write timeout', false, false, writeTimeout('SIMPLE')],
    ['write timeout of the batch log', false, true, writeTimeout('BATCH_LOG')],
    ['unavailable', false, true, unavailable()],
  ]
  it.each(cases)(
    '%s, idempotent %s: retried %s',
    async (_name, isIdempotent, isRetried, answer) => {
      const { plane, server } = await start(first(1, answer))
      const failures = await plane.write(batchOf(rows(2), statementOf({ isIdempotent })))
      expect(failures.map(one => one.recordIndex)).toEqual(isRetried ? [] : [0, 1])
      expect(server.writes).toHaveLength(isRetried ? 2 : 1)
    },
  )

  it('four attempts at most, within the request timeout', async () => {
    const { plane, server } = await start(request =>
      isWrite(request) ? serverError(ERROR_CODE.OVERLOADED) : undefined,
    )
    const [failure] = await plane.write(batchOf(rows(1)))
    expect(failure).toMatchObject({ recordIndex: 0, error: { code: 'SCM_CASSANDRA_OVERLOADED' } })
    expect(server.writes).toHaveLength(4)
    const short = await start(request => (isWrite(request) ? unavailable() : undefined), {
      settings: { requestTimeoutMs: 50 },
    })
    await short.plane.write(batchOf(rows(1)))
    expect(short.server.writes).toHaveLength(1)
  })

  it('a forgotten statement is prepared once, whatever the number of rows', async () => {
    let isKnown = false
    const { plane, server } = await start(
      request => {
        const { message } = request
        if (message.kind === 'PREPARE') {
          isKnown = true
          return prepared(message.query, 'new-id')
        }
        if (!isWrite(request) || isKnown) return undefined
        const preparedId = Buffer.from('old')
        const details = { code: ERROR_CODE.UNPREPARED, preparedId }
        return { kind: 'ERROR', code: ERROR_CODE.UNPREPARED, message: 'unprepared', details }
      },
      { planner: { rowsMax: 1 } },
    )
    expect(await plane.write(batchOf(rows(50)))).toEqual([])
    expect(plane.reprepared).toBe(1)
    const ids = server.writes
      .slice(-50)
      .map(({ message }) => message.kind === 'EXECUTE' && message.preparedId.toString())
    expect(new Set(ids)).toEqual(new Set(['new-id']))
  })

  it('a statement that cannot be prepared again fails its rows as retriable', async () => {
    const { plane } = await start(({ message }) => {
      if (message.kind === 'PREPARE') {
        return serverError(ERROR_CODE.INVALID, 'unconfigured table t')
      }
      const details = { code: ERROR_CODE.UNPREPARED, preparedId: Buffer.from('old') } as const
      return { kind: 'ERROR', code: ERROR_CODE.UNPREPARED, message: 'unprepared', details }
    })
    const failures = await plane.write(batchOf(rows(3), statementOf({ isIdempotent: false })))
    expect(failures.map(one => one.error.kind)).toEqual(['retriable', 'retriable', 'retriable'])
  })

  it('rows bound for columns that changed since are never sent', async () => {
    const { plane, server } = await start(undefined, { planner: { rowsMax: 1 }, requestsMax: 1 })
    const statement = statementOf()
    server.script = request => {
      if (!isWrite(request)) return undefined
      statement.isStale = true
      return serverError(ERROR_CODE.OVERLOADED)
    }
    const failures = await plane.write(batchOf(rows(5), statement))
    expect(server.writes).toHaveLength(1)
    expect(failures.map(one => one.error.kind)).toEqual(Array(5).fill('retriable'))
  })

  it('a batch with one bad row is split until that row alone fails', async () => {
    const { plane, server } = await start(request =>
      isWrite(request) && rowsOf(request).some(([, value]) => value === 6)
        ? serverError(ERROR_CODE.INVALID, 'bad value')
        : undefined,
    )
    const failures = await plane.write(batchOf(rows(10)))
    expect(failures.map(one => [one.recordIndex, one.error.kind])).toEqual([[6, 'data']])
    const good = server.writes.filter(one => rowsOf(one).every(([, value]) => value !== 6))
    const written = good.flatMap(rowsOf).map(([, value]) => value)
    expect(written.sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 7, 8, 9])
  })
})

describe('faults', () => {
  it('a time-out fails the rows; its stream id is not used again before the late answer', async () => {
    const { plane, server } = await start(request => (isWrite(request) ? 'hold' : undefined), {
      settings: { requestTimeoutMs: 60, maxRequestsPerConnection: 2 },
    })
    const [failure] = await plane.write(batchOf(rows(1)))
    expect(failure?.error.code).toBe('SCM_CASSANDRA_REQUEST_TIMEOUT')
    const late = server.held.splice(0)
    server.script = () => undefined
    for (let i = 0; i < 3; i++) expect(await plane.write(batchOf(rows(1)))).toEqual([])
    expect(server.writes.slice(1).map(one => one.stream)).not.toContain(late[0]!.stream)
    late[0]!.reply(serverError(ERROR_CODE.INVALID, 'too late'))
    await until(() => plane.pools[0]!.inFlight === 0)
    expect(await plane.write(batchOf(rows(1)))).toEqual([])
  })

  it('the observer is told of each request once: its time with retries, or that it timed out', async () => {
    const seen: (number | 'timeout')[] = []
    const observer = {
      onWritten: (latencyMs: number) => void seen.push(latencyMs),
      onTimeout: () => void seen.push('timeout'),
    }
    const { plane, server } = await start(first(1, serverError(ERROR_CODE.OVERLOADED)), {
      settings: { requestTimeoutMs: 600 },
      observer,
    })
    expect(await plane.write(batchOf(rows(5)))).toEqual([])
    expect(seen).toEqual([expect.any(Number)])
    expect(seen[0]).toBeGreaterThanOrEqual(50)
    expect(seen[0]).toBeLessThan(600)
    server.script = request => (isWrite(request) ? serverError(ERROR_CODE.INVALID) : undefined)
    expect(await plane.write(batchOf(rows(1)))).toHaveLength(1)
    expect(seen).toHaveLength(1)
    server.script = request => (isWrite(request) ? 'hold' : undefined)
    expect(await plane.write(batchOf(rows(1)))).toHaveLength(1)
    expect(seen.slice(1)).toEqual(['timeout'])
  })

  it.each([
    [true, []],
    [false, [0]],
  ])('a connection cut in the middle: idempotent %s', async (isIdempotent, failed) => {
    const { plane, servers } = await start(first(1, 'close'), {}, 2)
    const failures = await plane.write(batchOf(rows(1), statementOf({ isIdempotent })))
    expect(failures.map(one => one.recordIndex)).toEqual(failed)
    if (!isIdempotent) expect(failures[0]!.error.kind).toBe('disconnected')
    expect(servers.flatMap(one => one.writes)).toHaveLength(isIdempotent ? 2 : 1)
  })

  it('without any node rows fail at once as disconnected; later they are written again', async () => {
    const { plane, server } = await start(undefined)
    server.isRefusing = true
    server.cut()
    await until(() => !plane.pools[0]!.isUsable)
    const failures = await plane.write(batchOf(rows(3)))
    expect(failures.map(one => one.error.kind)).toEqual(Array(3).fill('disconnected'))
    server.isRefusing = false
    await until(() => plane.pools[0]!.isUsable)
    expect(await plane.write(batchOf(rows(3)))).toEqual([])
  })

  it('close while writing: everything ends as cancelled, waiting or under way', async () => {
    const { plane, server } = await start(request => (isWrite(request) ? 'hold' : undefined), {
      requestsMax: 2,
      planner: { rowsMax: 1 },
    })
    const written = plane.write(batchOf(rows(20)))
    await until(() => server.held.length === 2)
    plane.close()
    const failures = await written
    expect(failures.map(one => one.recordIndex)).toEqual(rows(20).map((_, i) => i))
    expect(new Set(failures.map(one => one.error.kind))).toEqual(new Set(['cancelled']))
    expect(plane.limits).toMatchObject({ requests: 0, bytes: 0 })
  })
})

describe('speculative executions', () => {
  const settings = { speculative: { executionsMax: 2, delayMs: 30 } }

  it.each([
    [true, 2],
    [false, 1],
  ])('a slow node: idempotent %s is sent to %d nodes', async (isIdempotent, executions) => {
    let isSlow = true
    const { plane, servers } = await start(
      request => {
        if (!isWrite(request) || !isSlow) return undefined
        isSlow = false
        return 'hold'
      },
      { settings },
      2,
    )
    const connections = plane.pools.map(pool => pool.pick()!)
    const batch = batchOf(rows(2), statementOf({ isIdempotent }))
    const written = plane.write(batch)
    const held = () => servers.flatMap(one => one.held)
    await until(() => held().length === 1)
    if (isIdempotent) expect(await written).toEqual([])
    else await new Promise(resolve => setTimeout(resolve, 80))
    expect(servers.flatMap(one => one.writes)).toHaveLength(executions)
    // The late answer changes nothing, also when the batch serves the next delivery by then.
    if (isIdempotent) batch.reset()
    for (const server of servers) server.release(writeTimeout('SIMPLE'))
    const failures = await written
    expect(failures).toHaveLength(isIdempotent ? 0 : 2)
    await until(() => plane.limits.requests === 0)
    expect(plane.limits.bytes).toBe(0)
    expect(connections.map(connection => connection.isClosed)).toEqual([false, false])
  })
})

function unavailable(): CqlResponse {
  const details = { code: ERROR_CODE.UNAVAILABLE, consistency: 1, required: 1, alive: 0 } as const
  return { kind: 'ERROR', code: ERROR_CODE.UNAVAILABLE, message: 'unavailable', details }
}
