/**
 * Settings of capture in a worker's properties: what is unknown is told, what is wrong is refused.
 */
import { expect, it } from 'vitest'
import { readProperties } from '../../config/index.ts'
import { parseCapture } from './capture-config.ts'

const parse = (...lines: string[]) =>
  parseCapture(readProperties(lines.join('\n')), '/data/offsets')

it('captures only when contact points are named', () => {
  expect(parse('cdc.port=9042')).toBeUndefined()
  expect(parse('cdc.contact.points=a', 'cdc.worker.url=http://b')).toBeUndefined()
  expect(parse('cdc.contact.points=a:1,[::1]:2,c')).toMatchObject({
    contactPoints: [
      { host: 'a', port: 1 },
      { host: '::1', port: 2 },
      { host: 'c', port: 9042 },
    ],
    ...{ dataDirectory: '/data/cdc', warnings: [] },
  })
})

it('tells a key that nobody knows, with the one that was meant', () => {
  const { warnings } = parse('cdc.contact.points=a', 'cdc.read.polici=live', 'other.key=1')!
  expect(warnings.length).toBe(1)
  expect(warnings[0]).toMatch(/cdc\.read\.polici.*cdc\.read\.policy/)
})

it.each([
  ['cdc.port=abc', /cdc\.port/],
  ['cdc.contact.points=a:b:c', /expected a node as HOST\[:PORT\], found "a:b:c"/],
  ['cdc.encryption.keys=k1', /expected alias=hex/],
  ['cdc.read.policy=quick', /cdc\.read\.policy/],
])('refuses %s', (line, message) => {
  expect(() => parse('cdc.contact.points=a', line)).toThrow(message)
})

it('takes keys of encrypted segments from the store that Cassandra reads, and says what is wrong', () => {
  const store = new URL('../../../test/golden/keystores/commit-log-key.jceks', import.meta.url)
  const keysOf = (...lines: string[]) =>
    parse('cdc.contact.points=a', ...lines)!.keys.map(
      ([alias, key]) => `${alias}=${Buffer.from(key).toString('hex')}`,
    )
  const path = `cdc.encryption.keystore.path=${store.pathname}`
  const password = (text: string) => `cdc.encryption.keystore.password=${text}`
  expect(keysOf(path, password('changeit'), 'cdc.encryption.keys=k2=00ff')).toEqual([
    ...['k1=66a8801a0efc9fe8c42c537378765d62', 'k2=00ff'],
  ])
  expect(() => keysOf(path)).toThrow(/expected a password, found none/)
  expect(() => keysOf(path, password('other'))).toThrow(/does not open with the password/)
})
