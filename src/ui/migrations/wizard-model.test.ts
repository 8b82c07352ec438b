/**
 * The draft of a new migration: what is wrong in each step, and what goes to the server.
 */
import { describe, expect, it } from 'vitest'
import { draftOf, EMPTY, errorsOf, proxyCommand } from './wizard-model.ts'

const good = { ...EMPTY, name: 'shop', source: 'connection:1', target: '10.1.0.1:9043, h2' }

describe('wizard', () => {
  it('asks for what is missing, step by step', () => {
    expect(errorsOf(0, EMPTY).map(one => one.id)).toEqual([
      'field-name',
      'field-source',
      'field-target',
    ])
    expect(errorsOf(0, good)).toEqual([])
    expect(errorsOf(0, { ...good, target: 'a:b' }).map(one => one.id)).toEqual(['field-target'])
    expect(errorsOf(1, good).map(one => one.id)).toEqual(['field-keyspace'])
    expect(errorsOf(3, { ...good, proxies: 'http://a:1\nb' })[0]?.message).toContain('found b')
  })

  it('names connections and addresses as the server takes them', () => {
    const draft = draftOf({ ...good, keyspace: 'ks', proxies: 'http://a:1\n' })
    expect(draft).toEqual({
      ...{ name: 'shop', keyspace: 'ks', tables: [], proxies: ['http://a:1'] },
      source: { connection: '1' },
      target: { contactPoints: ['10.1.0.1:9043', 'h2'] },
    })
  })

  it('writes the command of a proxy', () => {
    const source = { point: '10.0.0.1:9042', tls: true }
    expect(proxyCommand(source, { point: '10.1.0.1:9043', tls: false })).toBe(
      'scamander proxy 10.0.0.1 10.1.0.1 --target-port 9043 --disable-target-tls true --proxy-port 29042',
    )
  })
})
