/**
 * Holds one side of a session back when the other cannot take more, by not reading from it.
 * Called by the session after every chunk and whenever bytes left for the network.
 * Invariants: a paused side is resumed when its reason is gone; nothing is dropped to make room.
 * Spec: live-migration 1.6 (paused timers), 2.11.
 */
import type { Socket } from 'node:net'
import type { FrameOutput } from '../link/frame-output.ts'
import type { AsyncWrites } from './async-writes.ts'
import type { ProxyContext } from './proxy-context.ts'
import type { SessionLinks } from './session-links.ts'

export interface FlowSides {
  readonly socket: Socket
  readonly output: FrameOutput
  readonly links: SessionLinks
  readonly asyncWrites: AsyncWrites
}

export class FlowControl {
  readonly #sides: FlowSides
  readonly #context: ProxyContext
  /** Since when, monotonic; 0: not paused. */
  #clientPausedMs = 0
  #clustersPausedMs = 0
  #isStopped = false

  constructor(sides: FlowSides, context: ProxyContext) {
    this.#sides = sides
    this.#context = context
  }

  /** The client is not read any more. */
  stopClient(): void {
    this.#isStopped = true
    this.#sides.socket.pause()
  }

  /** Stops reading the client when a cluster or the queue is full. */
  holdClient(): void {
    if (this.#clientPausedMs > 0 || !this.#isClientHeld) return
    this.#clientPausedMs = performance.now()
    this.#sides.socket.pause()
  }

  resumeClient(): void {
    if (this.#clientPausedMs === 0 || this.#isClientHeld || this.#isStopped) return
    this.#context.meters.serverPaused.observe((performance.now() - this.#clientPausedMs) / 1000)
    this.#clientPausedMs = 0
    this.#sides.socket.resume()
  }

  /** Stops reading the clusters when the client does not read. */
  holdClusters(): void {
    if (this.#clustersPausedMs > 0 || !this.#isClientBehind) return
    this.#clustersPausedMs = performance.now()
    this.#sides.links.pause()
  }

  resumeClusters(): void {
    if (this.#clustersPausedMs === 0 || this.#isClientBehind) return
    this.#context.meters.clientPaused.observe((performance.now() - this.#clustersPausedMs) / 1000)
    this.#clustersPausedMs = 0
    this.#sides.links.resume()
  }

  get #isClientHeld(): boolean {
    return this.#sides.links.isCongested || this.#sides.asyncWrites.isBlocking
  }

  get #isClientBehind(): boolean {
    return this.#sides.output.waitingBytes > this.#context.settings.writeBufferBytes
  }
}
