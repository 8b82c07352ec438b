/**
 * The nodes of the cluster, kept in step with the driver's hosts: one object per host id as long
 * as the node belongs to the cluster, so that the data plane may use it as a key.
 * Invariant: `version` grows whenever nodes or tokens change, and only then.
 */
import type { Host } from 'cassandra-driver'
import type { CloudTopology } from '../secure-bundle.ts'
import type { RingNode } from '../token-ring.ts'
import type { NodeEndpoint, NodeRef } from '../topology.ts'

type MutableNode = { -readonly [K in keyof NodeRef]: NodeRef[K] }

export class NodeRegistry {
  readonly #nodes = new Map<string, MutableNode>()
  readonly #tokens = new Map<string, readonly string[]>()
  readonly #localDc: string
  readonly #cloud: CloudTopology | undefined
  #fingerprint = ''
  #version = 0

  constructor(localDc: string, cloud: CloudTopology | undefined) {
    this.#localDc = localDc
    this.#cloud = cloud
  }

  get version(): number {
    return this.#version
  }

  get nodes(): readonly NodeRef[] {
    return [...this.#nodes.values()]
  }

  get ringNodes(): RingNode[] {
    return this.nodes.map(node => ({ node, tokens: this.#tokens.get(node.hostId) ?? [] }))
  }

  /**
   * Takes the driver's view; true when anything changed that a listener should know. Nodes are
   * removed only from a complete view: while it reconnects, the driver forgets them for a moment.
   */
  update(hosts: readonly Host[], isComplete: boolean): boolean {
    const states = this.nodes.map(node => `${node.hostId}${node.isUp}`).join()
    const present = new Set<string>()
    for (const host of hosts) {
      if (host.hostId === null || host.hostId === undefined) continue // not discovered yet
      const hostId = host.hostId.toString()
      present.add(hostId)
      this.#put(hostId, host)
    }
    for (const hostId of this.#nodes.keys()) {
      if (present.has(hostId) || !isComplete) continue
      this.#nodes.delete(hostId)
      this.#tokens.delete(hostId)
    }
    const changed = this.#updateVersion()
    return changed || states !== this.nodes.map(node => `${node.hostId}${node.isUp}`).join()
  }

  #put(hostId: string, host: Host): void {
    const separator = host.address.lastIndexOf(':')
    const address = host.address.slice(0, separator).replace(/^\[|\]$/g, '')
    const known = this.#nodes.get(hostId)
    const fresh: MutableNode = {
      hostId,
      address,
      endpoint: this.#endpoint(hostId, address, Number(host.address.slice(separator + 1))),
      dc: host.datacenter ?? '',
      rack: host.rack ?? '',
      releaseVersion: host.cassandraVersion ?? '',
      isLocal: host.datacenter === this.#localDc,
      isUp: host.isUp(),
    }
    if (known === undefined) this.#nodes.set(hostId, fresh)
    else Object.assign(known, fresh)
    this.#tokens.set(hostId, host.tokens ?? [])
  }

  #endpoint(hostId: string, host: string, port: number): NodeEndpoint {
    const cloud = this.#cloud
    if (cloud === undefined) return { host, port }
    return { host: cloud.proxyHost, port: cloud.proxyPort, servername: hostId }
  }

  #updateVersion(): boolean {
    const fingerprint = this.nodes
      .map(node => {
        const tokens = this.#tokens.get(node.hostId) ?? []
        return `${node.hostId} ${node.address} ${node.endpoint.port} ${node.dc} ${node.rack} ${tokens.join()}`
      })
      .sort()
      .join('\n')
    if (fingerprint === this.#fingerprint) return false
    this.#fingerprint = fingerprint
    this.#version += 1
    return true
  }
}
