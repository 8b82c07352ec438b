/**
 * What a connection's form shows, sends and blames.
 */
import { describe, expect, it } from 'vitest'
import type { PropertyInfo, TestResult } from '../../api-v1.ts'
import {
  checkValues,
  errorsOfTest,
  initialValues,
  isShown,
  toFieldId,
  toProperties,
} from './connection-model.ts'

const property = (key: string, more: Partial<PropertyInfo> = {}): PropertyInfo => ({
  ...{ key, label: key, type: 'text', required: false, advanced: false },
  ...more,
})
const PROPERTIES = [
  property('port', { type: 'number', default: 9042, required: true }),
  property('scheme', { type: 'choice', choices: ['Basic', 'None'], default: 'Basic' }),
  property('password', {
    ...{ type: 'secret', required: true, label: 'Password' },
    when: { key: 'scheme', values: ['Basic'] },
  }),
  property('ssl', { type: 'boolean', default: false }),
]

describe('the form of a connection', () => {
  it('starts with the defaults, or what is saved', () => {
    expect(initialValues(PROPERTIES)).toEqual({
      ...{ port: '9042', scheme: 'Basic', password: '', ssl: false },
    })
    expect(initialValues(PROPERTIES, { port: 1, ssl: true })).toMatchObject({
      port: '1',
      ssl: true,
    })
  })

  it('sends what is shown; an untouched secret is not sent', () => {
    const values = { port: '9043', scheme: 'None', password: 'x', ssl: false }
    expect(isShown(PROPERTIES[2]!, values)).toBe(false)
    expect(toProperties(PROPERTIES, values)).toEqual({ port: 9043, scheme: 'None', ssl: false })
    const untouched = { ...values, scheme: 'Basic', password: '' }
    expect(toProperties(PROPERTIES, untouched)).not.toHaveProperty('password')
  })

  it('leaves a wrong number to the server, which names it', () => {
    expect(toProperties(PROPERTIES, { port: 'many' })).toEqual({ port: 'many' })
  })

  it('names all that is missing at once', () => {
    const values = { port: '', scheme: 'Basic', password: '' }
    expect(Object.keys(checkValues('', PROPERTIES, { values, kept: new Set() }))).toEqual([
      ...['name', 'port', 'password'],
    ])
    expect(checkValues('a', PROPERTIES, { values, kept: new Set(['port', 'password']) })).toEqual(
      {},
    )
  })

  it.each([
    ['cassandra', 'tcp', 'FAILED', 'port'],
    ['cassandra', 'keyspace', 'FAILED', 'database'],
    ['backlog', 'resolve', 'FAILED', 'url'],
    ['backlog', 'space', 'AUTH_FAILED', 'apiKey'],
  ] as const)('%s: a failed step %s is told at its field', (kind, key, status, field) => {
    const step = { key, title: key, state: 'failed', tookMs: 1, text: 'no', advice: 'Do.' } as const
    const test: TestResult = { ok: false, status, text: '', tookMs: 1, steps: [step] }
    expect(errorsOfTest(kind, test)).toEqual({ [field]: 'no. Do.' })
  })

  it('has ids made of the labels', () => {
    expect([toFieldId('Use SSL'), toFieldId('Request timeout, ms')]).toEqual([
      ...['use-ssl', 'request-timeout-ms'],
    ])
  })
})
