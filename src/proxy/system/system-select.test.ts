import { describe, expect, it } from 'vitest'
import { parseSystemSelect } from './system-select.ts'
import { hostId, tokensOf } from './topology.ts'

describe('selections of system tables', () => {
  it.each([
    ['SELECT * FROM system.local', { table: 'local', columns: undefined }],
    [
      "select peer, rack as r from system.peers where peer = '10.0.0.1' and x = ? limit 3 ;",
      {
        table: 'peers',
        columns: [
          { column: 'peer', isCount: false, alias: undefined },
          { column: 'rack', isCount: false, alias: 'r' },
        ],
        conditions: [
          { column: 'peer', literal: '10.0.0.1', variable: -1, variableName: undefined },
          { column: 'x', literal: undefined, variable: 0, variableName: undefined },
        ],
        limit: 3,
      },
    ],
    [
      'SELECT count(*) AS n FROM peers',
      { table: 'peers', columns: [{ column: 'count', isCount: true, alias: 'n' }] },
    ],
  ])('%s', (text, expected) => {
    expect(parseSystemSelect(text)).toMatchObject(expected)
  })

  it.each([
    'SELECT JSON * FROM system.local',
    'SELECT max(peer) FROM system.peers',
    "SELECT * FROM system.local WHERE key IN ('local')",
    'SELECT * FROM system.local GROUP BY key',
    'INSERT INTO system.local (key) VALUES (1)',
  ])('is not understood: %s', text => {
    expect(parseSystemSelect(text)).toBeUndefined()
  })
})

describe('a ring of proxies', () => {
  const topology = { addresses: ['10.0.0.1', '10.0.0.2'], index: 0, tokens: 2 }

  it('interleaves the tokens', () => {
    expect(tokensOf(topology, '10.0.0.1')).toEqual(['-9223372036854775808', '0'])
    expect(tokensOf(topology, '10.0.0.2')).toEqual(['-4611686018427387904', '4611686018427387904'])
  })

  it('makes the same version-5 id of an address everywhere', () => {
    expect(hostId('10.0.0.1')).toEqual(hostId('10.0.0.1'))
    expect(hostId('10.0.0.1')).not.toEqual(hostId('10.0.0.2'))
    expect(hostId('10.0.0.1').toString('hex')).toMatch(/^.{12}5.{3}[89ab]/)
  })
})
