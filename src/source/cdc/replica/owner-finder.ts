/**
 * Finds the worker that captures for a prefix, by the topic of state: for agents and for workers that
 * deliver, which go on with another one when it takes over.
 * Made by the command line and the server. Invariants: no address is made up; while nobody captures the
 * answer is `disconnected`, and the caller tries again; a login goes only where it may: whoever writes to
 * the topic does not get it.
 * Spec: cdc-replication 2.5; docs/adr/0032-queues-in-topics.md.
 */
import { ScamanderError } from '../../../base/scamander-error.ts'
import type { KafkaClientSettings } from '../../../kafka/index.ts'
import type { Logger } from '../../../telemetry/index.ts'
import type { WorkerAddress } from '../agent/remote-ledger.ts'
import { CDC_ERRORS } from '../errors.ts'
import { StateReader } from './state-reader.ts'

export interface OwnerFinderOptions {
  readonly client: KafkaClientSettings
  readonly prefix: string
  readonly authorization: string | undefined
  /** Hosts that may get the login; none: any over https, and this machine. */
  readonly hosts: readonly string[]
  readonly logger: Logger
}

export class OwnerFinder {
  readonly #options: OwnerFinderOptions
  #opening: Promise<StateReader> | undefined

  constructor(options: OwnerFinderOptions) {
    this.#options = options
  }

  async address(): Promise<WorkerAddress> {
    const { prefix, authorization, hosts } = this.#options
    this.#opening ??= this.#open().catch(error => {
      this.#opening = undefined
      throw error
    })
    const reader = await this.#opening
    if (reader.hasFailed) {
      // What it knows is old: the next call reads anew.
      this.#opening = undefined
      await reader.close()
    }
    const owner = reader.hasFailed ? undefined : reader.owner
    if (owner !== undefined && owner.url !== '' && !owner.isReleased) {
      if (authorization !== undefined && !mayGetLogin(owner.url, hosts))
        throw notTrusted(owner.url, prefix)
      return { url: owner.url, authorization }
    }
    const message = `the topic ${prefix}-state names no worker that captures now`
    throw new ScamanderError(CDC_ERRORS.CAPTURE_UNREACHABLE, message)
  }

  async close(): Promise<void> {
    const reader = await this.#opening?.catch(() => undefined)
    await reader?.close()
  }

  async #open(): Promise<StateReader> {
    const { client, prefix, logger } = this.#options
    const reader = new StateReader(client, prefix, logger)
    try {
      await reader.open()
      await reader.readToEnd()
      return reader
    } catch (cause) {
      await reader.close()
      const message = `the topic ${prefix}-state cannot be read`
      throw new ScamanderError(CDC_ERRORS.CAPTURE_UNREACHABLE, message, { cause })
    }
  }
}

/** Whether a login may be sent to an address that a topic names. */
export function mayGetLogin(url: string, hosts: readonly string[]): boolean {
  const address = URL.parse(url)
  if (address === null) return false
  const host = address.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (hosts.length > 0) return hosts.some(one => one.toLowerCase() === host)
  const isHere = host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
  return isHere || address.protocol === 'https:'
}

function notTrusted(url: string, prefix: string): ScamanderError {
  const message = `the topic ${prefix}-state names ${url}, which does not get the login of the worker: expected https, this machine, or a host of cdc.worker.hosts`
  return new ScamanderError(CDC_ERRORS.CAPTURE_UNREACHABLE, message)
}
