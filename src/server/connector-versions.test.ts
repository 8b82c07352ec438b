/**
 * Which configurations of a connector are kept.
 */
import { expect, it } from 'vitest'
import type { ExpandedConnector } from '../api.ts'
import { ConnectorVersions } from './connector-versions.ts'

const of = (config: Record<string, string>): Record<string, ExpandedConnector> => ({
  a: { info: { name: 'a', config, tasks: [], type: 'sink' } },
})
const nobody = () => ''

it('keeps what a connector was, with who changed it', () => {
  const versions = new ConnectorVersions()
  versions.see(of({ k: '1' }), () => 'not asked for the first')
  versions.see(of({ k: '1' }), nobody)
  versions.see(of({ k: '2' }), () => 'ann')
  const list = versions.list('a')
  expect(list.map(({ by, config }) => [by, config['k']])).toEqual([
    ['ann', '2'],
    ['', '1'],
  ])
  expect(versions.list('b')).toEqual([])
})

it('forgets the oldest, and what was deleted', () => {
  const versions = new ConnectorVersions()
  for (let i = 0; i < 30; i++) versions.see(of({ k: String(i) }), nobody)
  expect(versions.list('a').map(({ config }) => config['k'])).toEqual(
    Array.from({ length: 20 }, (_, i) => String(29 - i)),
  )
  versions.see({}, nobody)
  versions.see(of({ k: 'new' }), nobody)
  expect(versions.list('a')).toHaveLength(1)
})

it('keeps the present configurations and few of the old when they are large', () => {
  const versions = new ConnectorVersions()
  const large = (i: number) => ({ k: String(i).repeat(1_000_000) })
  for (let i = 0; i < 10; i++) versions.see(of(large(i)), nobody)
  const list = versions.list('a')
  expect(list.length).toBeLessThan(9)
  expect(list[0]?.config['k']?.[0]).toBe('9')
})
