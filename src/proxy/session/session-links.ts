/**
 * The two cluster links of a client session: opened together at STARTUP, the target's opened again
 * when it is lost, helper links opened beside them.
 * Tells the handshake until the session is ready, and the session afterwards.
 * Invariants: losing the source ends the session; losing the target never does unless --dest-close;
 * attempts to reconnect have a back-off and end with the session.
 * Spec: live-migration 1.4 (target lost), 2.8, 2.11.
 */
import { Backoff } from '../../base/backoff.ts'
import {
  type Compressor,
  type FrameView,
  lz4,
  type ProtocolVersion,
  snappy,
} from '../../cql/index.ts'
import { type Cluster, type Pair, SOURCE, TARGET } from '../cluster.ts'
import { offersCompression } from '../control/cluster-state.ts'
import { ClusterLink, type LinkOptions, type LinkOwner } from '../link/cluster-link.ts'
import { LoginDesk } from './login-desk.ts'
import type { ProxyContext } from './proxy-context.ts'

/** Told while the client is not served yet. */
export interface HandshakeWatcher {
  onAuthenticate(cluster: Cluster, authenticator: string): void
  onChallenge(cluster: Cluster, token: Buffer | null): void
  onReady(cluster: Cluster, token: Buffer | null): void
  onRefused(cluster: Cluster, frame: FrameView): void
  onDown(cluster: Cluster, reason: string): void
}

/** Told once the client is served. */
export interface LinksOwner {
  /** Quoted; undefined while none is used. */
  readonly quotedKeyspace: string | undefined
  onSourceLost(reason: string): void
  onTargetLost(reason: string): void
  onTargetBack(): void
  onEvent(cluster: Cluster, frame: FrameView): void
  onRoom(): void
}

export class SessionLinks implements LinkOwner {
  readonly links: Pair<ClusterLink | undefined> = [undefined, undefined]
  readonly desks: Pair<LoginDesk>
  /** Present during the handshake. */
  watcher: HandshakeWatcher | undefined
  readonly #context: ProxyContext
  readonly #owner: LinksOwner
  readonly #backoff = new Backoff({ baseMs: 500, maxMs: 15_000 })
  #version: ProtocolVersion = 4
  #startup: Readonly<Record<string, string>> = {}
  #compression: string | undefined
  #timer: NodeJS.Timeout | undefined
  #targetKeyspace: string | undefined
  #isClosed = false

  constructor(context: ProxyContext, owner: LinksOwner) {
    this.#context = context
    this.#owner = owner
    this.desks = [new LoginDesk(undefined), new LoginDesk(context.settings.targetLogin)]
  }

  /** Opens both; `options` are those of the client's STARTUP. */
  open(version: ProtocolVersion, options: Readonly<Record<string, string>>): void {
    const { COMPRESSION: compression, ...startup } = options
    this.#version = version
    this.#startup = startup
    this.#compression = compression?.toLowerCase()
    this.links[SOURCE] = this.#connect(SOURCE)
    if (this.#context.routing.isTargetEnabled) this.links[TARGET] = this.#connect(TARGET)
  }

  isReady(cluster: Cluster): boolean {
    return this.links[cluster]?.isReady === true
  }

  get isCongested(): boolean {
    return this.links[SOURCE]?.isCongested === true || this.links[TARGET]?.isCongested === true
  }

  /** A link of its own with the session's login, for another owner. */
  openHelper(cluster: Cluster, owner: LinkOwner, keyspace: string | undefined): ClusterLink {
    return new ClusterLink(this.#optionsOf(cluster, keyspace), owner)
  }

  /** Links whose node says nothing any more are lost, so that what follows need not wait for them. */
  endSilent(nowMs: number, silenceMs: number): void {
    for (const link of this.links) link?.endIfSilent(nowMs, silenceMs)
  }

  pause(): void {
    for (const link of this.links) link?.pause()
  }

  resume(): void {
    for (const link of this.links) link?.resume()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    for (const link of this.links) link?.close()
  }

  onAuthenticate(link: ClusterLink, authenticator: string): void {
    const desk = this.desks[link.cluster]
    if (this.watcher === undefined || desk.isOwn) {
      if (!desk.authenticate(link, authenticator)) {
        link.close()
        this.onClosed(link, 'it demands a login that the client did not give')
      }
      if (this.watcher === undefined) return
    }
    this.watcher.onAuthenticate(link.cluster, authenticator)
  }

  onChallenge(link: ClusterLink, token: Buffer | null): void {
    if (this.watcher === undefined || this.desks[link.cluster].isOwn) {
      this.desks[link.cluster].challenge(link)
    } else this.watcher.onChallenge(link.cluster, token)
  }

  onReady(link: ClusterLink, token: Buffer | null): void {
    if (link.cluster === TARGET) this.#backoff.reset()
    if (this.watcher !== undefined) {
      this.watcher.onReady(link.cluster, token)
    } else if (link.cluster === TARGET) {
      // The client may have changed its keyspace while the link was opened.
      if (this.#targetKeyspace !== this.#owner.quotedKeyspace) {
        link.close()
        this.links[TARGET] = undefined
        this.#reconnect()
      } else this.#owner.onTargetBack()
    }
  }

  onRefused(link: ClusterLink, frame: FrameView): void {
    this.#context.meters.failedConnection(link.cluster)
    this.watcher?.onRefused(link.cluster, frame)
  }

  onClosed(link: ClusterLink, reason: string): void {
    if (this.#isClosed || this.links[link.cluster] !== link) return
    this.links[link.cluster] = undefined
    this.#context.meters.failedConnection(link.cluster)
    if (this.watcher !== undefined) this.watcher.onDown(link.cluster, reason)
    else if (link.cluster === SOURCE) this.#owner.onSourceLost(reason)
    else this.#owner.onTargetLost(reason)
    if (link.cluster === TARGET && !this.#isClosed) this.#reconnect()
  }

  onEvent(link: ClusterLink, frame: FrameView): void {
    this.#owner.onEvent(link.cluster, frame)
  }

  onDrain(): void {
    this.#owner.onRoom()
  }

  /** The target took the client's USE. */
  noteTargetKeyspace(): void {
    this.#targetKeyspace = this.#owner.quotedKeyspace
  }

  /** The target answers again: no need to wait for the next attempt. */
  reconnectNow(): void {
    if (this.links[TARGET] !== undefined || this.links[SOURCE] === undefined) return
    clearTimeout(this.#timer)
    this.#backoff.reset()
    this.#connectTarget()
  }

  /** The target was switched on or off; a link that missed a USE is opened anew. */
  onRoutingChanged(): void {
    const { isTargetEnabled } = this.#context.routing
    const link = this.links[TARGET]
    if (
      isTargetEnabled &&
      link !== undefined &&
      this.#targetKeyspace !== this.#owner.quotedKeyspace
    ) {
      link.close()
      this.links[TARGET] = undefined
    }
    if (isTargetEnabled && this.links[TARGET] === undefined && this.links[SOURCE] !== undefined) {
      clearTimeout(this.#timer)
      this.#connectTarget()
    }
  }

  #reconnect(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#connectTarget(), this.#backoff.next())
    this.#timer.unref()
  }

  #connectTarget(): void {
    if (this.#isClosed || !this.#context.routing.isTargetEnabled) return
    if (this.links[TARGET] !== undefined) return
    this.links[TARGET] = this.#connect(TARGET)
  }

  #connect(cluster: Cluster): ClusterLink {
    const keyspace = this.#owner.quotedKeyspace
    if (cluster === TARGET) this.#targetKeyspace = keyspace
    return new ClusterLink(this.#optionsOf(cluster, keyspace), this)
  }

  #optionsOf(cluster: Cluster, keyspace: string | undefined): LinkOptions {
    const { settings, clusters } = this.#context
    return {
      cluster,
      endpoint: clusters[cluster].endpoint,
      version: this.#version,
      compressor: this.#compressorFor(cluster),
      startup: this.#startup,
      keyspace,
      streamsMax: settings.streamsMax,
      idleMs: settings.idleMs,
    }
  }

  /** The client's algorithm when the cluster has it, else none. */
  #compressorFor(cluster: Cluster): Compressor | undefined {
    const name = this.#compression
    if (name === undefined || !offersCompression(this.#context.clusters[cluster], name)) {
      return undefined
    }
    if (name === 'lz4') return lz4
    return name === 'snappy' && this.#version < 5 ? snappy : undefined
  }
}
