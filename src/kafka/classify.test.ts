import {
  AuthenticationError,
  MultipleErrors,
  NetworkError,
  ProtocolError,
  ResponseError,
  TimeoutError,
  UserError,
} from '@platformatic/kafka'
import { describe, expect, it } from 'vitest'
import { ScamanderError } from '../base/scamander-error.ts'
import { fromKafkaCode, kafkaNameOf, responseOf, toKafkaError } from './classify.ts'
import { KAFKA_ERRORS } from './errors.ts'

function system(code: string, message = `connect ${code}`): Error {
  return Object.assign(new Error(message), { code })
}

const failed = (cause: Error) => new NetworkError('Connection to h:1 failed.', { cause })

describe('toKafkaError', () => {
  it.each([
    ['refused connection', failed(system('ECONNREFUSED')), 'DISCONNECTED', 'disconnected'],
    ['closed connection', new NetworkError('Connection closed'), 'DISCONNECTED', 'disconnected'],
    ['timeout', new TimeoutError('Request timed out'), 'DISCONNECTED', 'disconnected'],
    ['reset', system('ECONNRESET'), 'DISCONNECTED', 'disconnected'],
    ['name service down', failed(system('EAI_AGAIN')), 'DISCONNECTED', 'disconnected'],
    ['unknown host', failed(system('ENOTFOUND')), 'UNKNOWN_HOST', 'config'],
    ['self-signed', failed(system('DEPTH_ZERO_SELF_SIGNED_CERT')), 'TLS', 'config'],
    ['wrong host name', failed(system('ERR_TLS_CERT_ALTNAME_INVALID')), 'TLS', 'config'],
    ['TLS expected by the broker', new UserError('Broker requires TLS.'), 'TLS', 'config'],
    ['wrong password', new AuthenticationError('SASL failed'), 'AUTHENTICATION', 'config'],
    ['client misuse', new UserError('bad option'), 'BAD_SETTING', 'config'],
    ['closed client', new NetworkError('x', { closed: true }), 'CLOSED', 'cancelled'],
    ['anything else', new Error('boom'), 'FAILED', 'fatal'],
    ['no error at all', 'boom', 'FAILED', 'fatal'],
  ])('takes %s for %s', (_name, error, code, kind) => {
    const found = toKafkaError(error, 'fetch')
    expect([found.code, found.kind]).toEqual([`SCM_KAFKA_${code}`, kind])
    expect(found.message).toMatch(/^fetch: /)
    expect(found.cause).toBe(error)
  })

  it('gives up on names only when every server has failed by name', () => {
    const unknown = failed(system('ENOTFOUND'))
    const mixed = new MultipleErrors('none', [unknown, failed(system('ECONNREFUSED'))])
    expect(toKafkaError(new MultipleErrors('none', [unknown, unknown]), 'x').kind).toBe('config')
    expect(toKafkaError(mixed, 'x').kind).toBe('disconnected')
  })

  it.each([
    ['NOT_LEADER_OR_FOLLOWER', 'RETRIABLE', 'retriable'],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'RETRIABLE', 'retriable'],
    ['COORDINATOR_LOAD_IN_PROGRESS', 'RETRIABLE', 'retriable'],
    ['TOPIC_AUTHORIZATION_FAILED', 'NOT_AUTHORIZED', 'config'],
    ['GROUP_AUTHORIZATION_FAILED', 'NOT_AUTHORIZED', 'config'],
    ['SASL_AUTHENTICATION_FAILED', 'AUTHENTICATION', 'config'],
    ['UNSUPPORTED_VERSION', 'OLD_BROKER', 'config'],
    ['INCONSISTENT_GROUP_PROTOCOL', 'BAD_SETTING', 'config'],
    ['ILLEGAL_GENERATION', 'MEMBERSHIP_LOST', 'retriable'],
    ['FENCED_INSTANCE_ID', 'INSTANCE_FENCED', 'fatal'],
    ['MESSAGE_TOO_LARGE', 'RECORD_REFUSED', 'data'],
    ['NON_EMPTY_GROUP', 'REFUSED', 'request'],
    ['UNKNOWN_SERVER_ERROR', 'FAILED', 'fatal'],
  ])('takes Kafka error %s for %s', (name, code, kind) => {
    const found = toKafkaError(new ProtocolError(name), 'commit')
    expect([found.code, found.kind]).toEqual([`SCM_KAFKA_${code}`, kind])
    expect(found.message).toContain(`commit: ${name}: `)
    expect(kafkaNameOf(found)).toBe(name)
  })

  it('finds the Kafka error and the response inside an error of the library', () => {
    const response = { memberId: 'm' }
    const error = new ResponseError(11, 7, { '/': [79, null] }, response)
    expect(kafkaNameOf(error)).toBe('MEMBER_ID_REQUIRED')
    expect(responseOf(error)).toBe(response)
    expect(fromKafkaCode(1, 'fetch').code).toBe('SCM_KAFKA_NO_POSITION')
  })

  it('passes errors of the product unchanged', () => {
    const own = new ScamanderError(KAFKA_ERRORS.CORRUPT, 'x')
    expect(toKafkaError(own, 'fetch')).toBe(own)
  })
})
