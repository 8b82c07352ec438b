/** Every code of an ERROR response, the driver's errors and socket errors, by phase. */
import { errors as driverErrors } from 'cassandra-driver'
import { describe, expect, it } from 'vitest'
import { ScamanderError } from '../base/scamander-error.ts'
import {
  classify,
  isRequestSafeToRetry,
  isUnprepared,
  type RequestPhase,
  type ServerError,
} from './classify.ts'
import { CASSANDRA_ERRORS } from './errors.ts'

const server = (code: number, message = 'said the server', more = {}): ServerError => ({
  code,
  message,
  ...more,
})
const socket = (code: string) => Object.assign(new Error(`socket ${code}`), { code })

describe('classify', () => {
  it.each<[number, RequestPhase, string, string, string?]>([
    [0x0000, 'write', 'SERVER_ERROR', 'retriable'],
    [0x000a, 'write', 'PROTOCOL_ERROR', 'retriable'],
    [
      0x0100,
      'connect',
      'CREDENTIALS',
      'config',
      'Provided username x and/or password are incorrect',
    ],
    [
      0x0100,
      'connect',
      'CONNECTION_LOST',
      'disconnected',
      'Unable to perform authentication: Cannot achieve consistency level QUORUM',
    ],
    [0x1000, 'write', 'UNAVAILABLE', 'retriable'],
    [0x1001, 'write', 'OVERLOADED', 'retriable'],
    [0x1002, 'write', 'BOOTSTRAPPING', 'retriable'],
    [0x1003, 'write', 'TRUNCATE_FAILED', 'retriable'],
    [0x1100, 'write', 'WRITE_TIMEOUT', 'retriable'],
    [0x1200, 'read', 'READ_TIMEOUT', 'retriable'],
    [0x1300, 'read', 'READ_FAILURE', 'retriable'],
    [0x1400, 'write', 'RECORD_REFUSED', 'data'],
    [0x1500, 'write', 'WRITE_FAILURE', 'retriable'],
    [0x1600, 'write', 'WRITE_FAILURE', 'retriable'],
    [0x1700, 'write', 'WRITE_TIMEOUT', 'retriable'],
    [0x2000, 'prepare', 'STATEMENT_REFUSED', 'config'],
    [0x2000, 'write', 'RECORD_REFUSED', 'data'],
    [0x2100, 'prepare', 'STATEMENT_REFUSED', 'config'],
    [0x2100, 'write', 'UNAUTHORIZED', 'retriable'],
    [0x2200, 'prepare', 'STATEMENT_REFUSED', 'config'],
    [0x2200, 'reprepare', 'STATEMENT_LOST', 'retriable'],
    [0x2200, 'write', 'RECORD_REFUSED', 'data'],
    [0x2200, 'write', 'STATEMENT_LOST', 'retriable', 'unconfigured table t'],
    [0x2200, 'write', 'STATEMENT_LOST', 'retriable', 'Keyspace ks does not exist'],
    [0x2200, 'write', 'BATCH_TOO_LARGE', 'data', 'Batch too large'],
    [0x2300, 'prepare', 'STATEMENT_REFUSED', 'config'],
    [0x2400, 'prepare', 'STATEMENT_REFUSED', 'config'],
    [0x2500, 'write', 'UNPREPARED', 'retriable'],
    [0x7777, 'write', 'SERVER_ERROR', 'retriable'],
  ])('code %i while %s is %s, %s', (code, phase, what, kind, message) => {
    const error = classify(server(code, message), { phase })
    expect(error.code).toBe(`SCM_CASSANDRA_${what}`)
    expect(error.kind).toBe(kind)
  })

  it('keeps node, statement and the numbers of the answer', () => {
    const answer = server(0x1100, 'timed out', { writeType: 'SIMPLE', received: 1, blockFor: 2 })
    const error = classify(answer, { phase: 'write', node: '10.0.0.1', statement: 'INSERT x' })
    expect(error.message).toBe('timed out (node 10.0.0.1); statement: INSERT x')
    expect(error.context).toEqual({
      serverCode: 0x1100,
      node: '10.0.0.1',
      writeType: 'SIMPLE',
      required: 2,
      received: 1,
    })
  })

  it.each<[string, unknown, string]>([
    ['refused', socket('ECONNREFUSED'), 'CONNECTION_LOST'],
    ['reset', socket('ECONNRESET'), 'CONNECTION_LOST'],
    ['socket timeout', socket('ETIMEDOUT'), 'REQUEST_TIMEOUT'],
    ['driver timeout', new driverErrors.OperationTimedOutError('late'), 'REQUEST_TIMEOUT'],
    ['driver busy', new driverErrors.BusyConnectionError('a', 1, 1), 'OVERLOADED'],
    ['driver login', new driverErrors.AuthenticationError('no'), 'CREDENTIALS'],
    ['driver answer', new driverErrors.ResponseError(0x1000, 'few'), 'UNAVAILABLE'],
    [
      'no host',
      new driverErrors.NoHostAvailableError({ a: socket('ECONNREFUSED') }),
      'CONNECTION_LOST',
    ],
    [
      'no host, one answered',
      new driverErrors.NoHostAvailableError({
        a: socket('ECONNREFUSED'),
        b: new driverErrors.ResponseError(0x1001, 'busy'),
      }),
      'OVERLOADED',
    ],
    ['abort', new DOMException('stop', 'AbortError'), 'CANCELLED'],
    ['anything', 'text', 'CONNECTION_LOST'],
    ['nothing', undefined, 'CONNECTION_LOST'],
  ])('client side: %s', (_name, error, what) => {
    expect(classify(error, { phase: 'write' }).code).toBe(`SCM_CASSANDRA_${what}`)
  })

  it('leaves errors of the product alone', () => {
    const error = new ScamanderError(CASSANDRA_ERRORS.TABLE_UNKNOWN, 'no')
    expect(classify(error, { phase: 'write' })).toBe(error)
  })
})

describe('isRequestSafeToRetry', () => {
  it.each<[number, object, boolean, boolean]>([
    [0x1000, {}, true, true],
    [0x1001, {}, false, true],
    [0x1002, {}, true, true],
    [0x1100, { writeType: 'SIMPLE' }, false, true],
    [0x1100, { writeType: 'COUNTER' }, false, true],
    [0x1100, { writeType: 'BATCH_LOG' }, true, true],
    [0x1200, {}, true, true],
    [0x1500, {}, false, true],
    [0x2200, {}, false, false],
    [0x2500, {}, true, true],
    [0x0000, {}, false, true],
  ])('code %i %o: %s, idempotent %s', (code, more, plain, idempotent) => {
    const error = classify(server(code, 'm', more), { phase: 'write' })
    expect(isRequestSafeToRetry(error, false)).toBe(plain)
    expect(isRequestSafeToRetry(error, true)).toBe(idempotent)
  })

  it('a lost connection may have delivered the request', () => {
    const error = classify(socket('ECONNRESET'), { phase: 'write' })
    expect(isRequestSafeToRetry(error, false)).toBe(false)
    expect(isRequestSafeToRetry(error, true)).toBe(true)
  })

  it('marks statements to prepare again', () => {
    expect(isUnprepared(classify(server(0x2500), { phase: 'write' }))).toBe(true)
    expect(isUnprepared(classify(server(0x1000), { phase: 'write' }))).toBe(false)
  })
})
