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
