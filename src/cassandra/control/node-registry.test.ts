/** Nodes keep their identity through reconnects; versions grow only when something changed. */
import type { Host } from 'cassandra-driver'
import { describe, expect, it } from 'vitest'
import { NodeRegistry } from './node-registry.ts'

function host(
  hostId: string | null,
  more: { isUp?: boolean; tokens?: string[]; dc?: string } = {},
): Host {
  const { isUp = true, tokens = ['1'], dc = 'dc1' } = more
  return {
    address: `10.0.0.${hostId ?? 9}:9042`,
    hostId,
    datacenter: dc,
    rack: 'r1',
    cassandraVersion: '5.0.6',
    tokens,
    isUp: () => isUp,
  } as unknown as Host
}

describe('NodeRegistry', () => {
  it('keeps node objects; tells changes of state apart from changes of topology', () => {
    const registry = new NodeRegistry('dc1', undefined)
    expect(registry.update([host('1'), host('2', { dc: 'dc2' })], true)).toBe(true)
    expect(registry.version).toBe(1)
    const [one, two] = registry.nodes
    expect([one!.isLocal, two!.isLocal]).toEqual([true, false])
    expect(one!.endpoint).toEqual({ host: '10.0.0.1', port: 9042 })

    expect(registry.update([host('1'), host('2', { dc: 'dc2' })], true)).toBe(false)
    expect(registry.update([host('1', { isUp: false }), host('2', { dc: 'dc2' })], true)).toBe(true)
    expect([one!.isUp, registry.version]).toEqual([false, 1])
    expect(registry.nodes[0]).toBe(one)

    expect(
      registry.update([host('1', { tokens: ['1', '5'] }), host('2', { dc: 'dc2' })], true),
    ).toBe(true)
    expect(registry.version).toBe(2)
    expect(registry.ringNodes[0]).toEqual({ node: one, tokens: ['1', '5'] })
  })

  it('forgets nodes only by a complete view', () => {
    const registry = new NodeRegistry('dc1', undefined)
    registry.update([host('1'), host('2')], true)
    const [one] = registry.nodes
    expect(registry.update([host(null)], false)).toBe(false)
    expect(registry.update([], false)).toBe(false)
    expect(registry.nodes[0]).toBe(one)
    expect(registry.update([host('1')], true)).toBe(true)
    expect(registry.nodes).toEqual([one])
  })

  it('sends every node of a cloud to the proxy, by its host id', () => {
    const cloud = { localDc: 'dc1', proxyHost: 'proxy', proxyPort: 29042, hostIds: ['1'] }
    const registry = new NodeRegistry('dc1', cloud)
    registry.update([host('1')], true)
    expect(registry.nodes[0]!.endpoint).toEqual({ host: 'proxy', port: 29042, servername: '1' })
  })
})
