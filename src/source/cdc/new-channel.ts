/**
 * Channels and destinations as they are made: what a request leaves out gets its default.
 * Used by Capture. Pure.
 * Spec: cdc-replication 2.2, 2.3.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type { ChannelOptions, ChannelRequest } from './channel-requests.ts'
import { CDC_ERRORS } from './errors.ts'
import type { Channel, Destination } from './state/records.ts'

/** Of channels that an older release made. */
export const NEW_LIMITS = { queueMaxBytes: 0, queueFull: 'alarm', emit: 'first' } as const

export const NEW_DESTINATION: Omit<Destination, 'name'> = {
  transmissionEnabled: true,
  addresses: [],
  driver: {},
}

export function newChannel(
  request: ChannelRequest,
  known: Pick<Channel, 'id' | 'cluster' | 'dataCenter'>,
): Channel {
  const { keyspace, table, destination } = request
  return {
    ...known,
    ...{ keyspace, table, destination },
    destinationKeyspace: request.destinationKeyspace ?? keyspace,
    destinationTable: request.destinationTable ?? table,
    sourceId: request.sourceId ?? '',
    sourceIdColumn: request.sourceIdColumn ?? '',
    order: request.order ?? 'FIFO',
    priority: request.priority ?? 2,
    collectionEnabled: request.collectionEnabled ?? true,
    transmissionEnabled: request.transmissionEnabled ?? true,
    queueMaxBytes: request.queueMaxBytes ?? NEW_LIMITS.queueMaxBytes,
    queueFull: request.queueFull ?? NEW_LIMITS.queueFull,
    emit: request.emit ?? NEW_LIMITS.emit,
    createdAtMs: Date.now(),
  }
}

/** As they are used; what waits for copies is in no topic, so that there nothing waits. */
export function storedChannels(stored: readonly Channel[], isInTopics: boolean): Channel[] {
  const emit = isInTopics ? { emit: NEW_LIMITS.emit } : {}
  return stored.map(one => ({ ...NEW_LIMITS, ...one, ...emit }))
}

/** What waits for copies is on the disk of the worker, and not in topics. */
export function checkEmit({ emit = 'first' }: ChannelOptions, isInTopics: boolean): void {
  if (emit === 'first' || !isInTopics) return
  const message = `emit: expected first with cdc.queue.store=kafka, found ${emit}`
  throw new ScamanderError(CDC_ERRORS.SETTING, message)
}
