/**
 * Messages to channels of alerts: sent, and those that are not taken tried again over an hour. Part of the
 * alert desk.
 * Invariants: every message is sent or told as failed, the oldest first; an attempt that the end of the
 * server cuts off does not count; those under way are bounded; nothing is told once closed.
 * Spec: backlog-replication 2.14.
 */
import type { DeliveryInfo } from '../api-v1-alerts.ts'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import type { Logger } from '../telemetry/index.ts'
import { type ChannelRecord, type Message, tell } from './alert-channels.ts'
import { REPLICATE_ERRORS, unknown } from './errors.ts'
import type { Store, StoredEvent } from './store.ts'

export interface DeliveryHost {
  readonly store: Store
  readonly logger: Logger
  readonly onChanged: () => void
}

interface DeliveryRecord extends Omit<DeliveryInfo, 'id' | 'time'> {
  readonly channel: string
  readonly message: Message
}

const TICK_MS = 5_000
const SHOWN = 200
const AT_ONCE_MAX = 200
/** Waits before attempts two to six: an hour in all. */
const RETRY_MS = [10_000, 60_000, 300_000, 900_000, 2_330_000]

export class DeliveryDesk {
  readonly #host: DeliveryHost
  readonly #underWay = new Map<number, Promise<void>>()
  readonly #closing = new AbortController()
  #timer: NodeJS.Timeout | undefined

  constructor(host: DeliveryHost) {
    this.#host = host
  }

  start(): void {
    this.#timer = setInterval(() => {
      try {
        this.#sendDue()
      } catch (error) {
        this.#host.logger.error(`alerts could not be delivered: ${messageOf(error)}`, error)
      }
    }, TICK_MS)
    this.#timer.unref()
  }

  /** Does not wait for slow receivers: what is under way is sent after the next start. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#closing.abort(new ScamanderError(REPLICATE_ERRORS.STOPPED, 'the server ends'))
    await Promise.allSettled(this.#underWay.values())
  }

  /** Newest first. */
  list(): DeliveryInfo[] {
    return this.#host.store.events('delivery', { limit: SHOWN }).map(event => {
      const { message: _said, channel: _id, ...shown } = recordOf(event)
      return { ...shown, id: event.id, time: new Date(event.timeMs).toISOString() }
    })
  }

  resend(id: number): void {
    const found = this.#host.store.event('delivery', id)
    if (found === undefined) throw unknown(`there is no delivery ${id}`)
    this.#kept(id, { ...recordOf(found), state: 'waiting', attempts: 0, nextAt: now() })
    this.#sendDue()
  }

  /** To be sent at once, or as soon as it is taken. */
  queue(channel: string, message: Message): void {
    const found = this.#host.store.get<ChannelRecord>('alert-channel', channel)
    if (found === undefined) return
    const delivery: DeliveryRecord = {
      ...{ channel, channelName: found.name, text: message.text, message },
      ...{ state: 'waiting', attempts: 0, result: '', nextAt: now() },
    }
    this.#host.store.addEvent('delivery', delivery)
    this.#sendDue()
  }

  /** Once, now; throws when it is not taken. */
  async tell(channel: string, message: Message, signal?: AbortSignal): Promise<string> {
    const { store } = this.#host
    const found = store.get<ChannelRecord>('alert-channel', channel)
    if (found === undefined) throw unknown(`there is no channel ${channel}`)
    const own = this.#closing.signal
    own.throwIfAborted()
    // Whoever lost the work to another process tells nobody: the other one does.
    await store.settled()
    const either = signal === undefined ? own : AbortSignal.any([own, signal])
    return await tell(found, store.secrets, { message, signal: either })
  }

  #sendDue(): void {
    if (this.#closing.signal.aborted) return
    for (const event of this.#host.store.dueDeliveries(now(), AT_ONCE_MAX)) {
      const { id } = event
      if (this.#underWay.has(id)) continue
      const work = this.#send(id, recordOf(event))
        .catch(error => {
          this.#host.logger.error(`a delivery could not be kept: ${messageOf(error)}`, error)
        })
        .finally(() => this.#underWay.delete(id))
      this.#underWay.set(id, work)
    }
  }

  async #send(id: number, one: DeliveryRecord): Promise<void> {
    const attempts = one.attempts + 1
    try {
      const result = await this.tell(one.channel, one.message)
      this.#kept(id, { ...one, state: 'sent', attempts, result, nextAt: null })
    } catch (error) {
      if (this.#closing.signal.aborted) return
      const wait = RETRY_MS[one.attempts]
      const nextAt = wait === undefined ? null : new Date(Date.now() + wait).toISOString()
      const state = nextAt === null ? 'failed' : 'waiting'
      this.#kept(id, { ...one, state, attempts, result: messageOf(error), nextAt })
      if (nextAt === null)
        this.#host.logger.warn(`an alert could not be delivered: ${messageOf(error)}`)
    }
  }

  #kept(id: number, record: DeliveryRecord): void {
    this.#host.store.putEvent(id, record)
    this.#host.onChanged()
  }
}

function recordOf({ json }: StoredEvent): DeliveryRecord {
  return JSON.parse(json) as DeliveryRecord
}

function now(): string {
  return new Date().toISOString()
}
