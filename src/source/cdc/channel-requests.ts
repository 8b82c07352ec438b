/**
 * What may be asked of destinations and channels, as the REST API and the command line give it.
 * Names are as stored: without quotes, case kept.
 * Spec: cdc-replication 2.2, 2.3.
 */
import type { Channel, ChannelKey, Destination } from './state/records.ts'

export type DestinationChanges = Partial<Omit<Destination, 'name'>>

export interface ChannelOptions {
  readonly destinationKeyspace?: string
  readonly destinationTable?: string
  readonly sourceId?: string
  readonly sourceIdColumn?: string
  readonly order?: Channel['order']
  readonly priority?: number
  readonly collectionEnabled?: boolean
  readonly transmissionEnabled?: boolean
  /** 0: no limit. */
  readonly queueMaxBytes?: number
  readonly queueFull?: Channel['queueFull']
  readonly emit?: Channel['emit']
}

export interface ChannelRequest extends ChannelOptions {
  readonly keyspace: string
  readonly table: string
  readonly destination: string
  /** @default that of the contact point */
  readonly dataCenter?: string
  /** Leave a table without `cdc = true` as it is, and fail. */
  readonly noAlter?: boolean
}

export interface ChannelSelector {
  readonly keyspace?: string
  readonly table?: string
  readonly destinations?: readonly string[]
  readonly dataCenters?: readonly string[]
}

export interface Switch {
  readonly collection: boolean
  readonly transmission: boolean
  readonly enabled: boolean
}

export interface CreatedChannel {
  readonly channel: Channel
  /** For people: what was changed, or what is missing. */
  readonly notes: readonly string[]
}

export function isSelected(channel: Channel, selector: ChannelSelector): boolean {
  const { keyspace, table, destinations = [], dataCenters = [] } = selector
  return (
    (keyspace === undefined || channel.keyspace === keyspace) &&
    (table === undefined || channel.table === table) &&
    (destinations.length === 0 || destinations.includes(channel.destination)) &&
    (dataCenters.length === 0 || dataCenters.includes(channel.dataCenter))
  )
}

export function nameOfChannel({ dataCenter, keyspace, table, destination }: ChannelKey): string {
  return `dc=${dataCenter} keyspace=${keyspace} table=${table} to ${destination}`
}

/** As metrics name it. */
export function labelOfChannel(channel: ChannelKey): string {
  return `${pathOfChannel(channel)}/${channel.destination}`
}

export function pathOfChannel({ dataCenter, keyspace, table }: ChannelKey): string {
  return `${dataCenter}/${keyspace}/${table}`
}
