/**
 * What capture remembers: destinations, channels, nodes, gaps. Plain data, kept as JSON by the store
 * and shown by the REST API as it is.
 * Spec: cdc-replication 1.1, 1.4.
 */
export interface Destination {
  readonly name: string
  readonly transmissionEnabled: boolean
  /** Of a Cassandra destination; empty: Kafka. */
  readonly addresses: readonly string[]
  /** Options of the driver, by their name on the command line without `driver-`. */
  readonly driver: Readonly<Record<string, string>>
}

export interface Channel {
  /** Of the queue; never used again. */
  readonly id: number
  readonly cluster: string
  readonly dataCenter: string
  readonly keyspace: string
  readonly table: string
  readonly destination: string
  readonly destinationKeyspace: string
  readonly destinationTable: string
  readonly sourceId: string
  readonly sourceIdColumn: string
  readonly order: 'FIFO' | 'LIFO'
  readonly priority: number
  readonly collectionEnabled: boolean
  readonly transmissionEnabled: boolean
  readonly createdAtMs: number
  /** 0: no limit. */
  readonly queueMaxBytes: number
  /** What happens when the limit is reached. */
  readonly queueFull: 'alarm' | 'block' | 'drop-oldest'
  /** Which copy of a write is given, where several replicas log it. */
  readonly emit: 'first' | 'primary' | 'quorum'
}

export interface ChannelKey {
  readonly dataCenter: string
  readonly keyspace: string
  readonly table: string
  readonly destination: string
}

export type AgentState = 'STARTING' | 'RUNNING' | 'BLOCKED' | 'FAILED' | 'STOPPED'

/** One per node that is captured from. */
export interface NodeRecord {
  readonly cluster: string
  readonly hostId: string
  readonly dataCenter: string
  readonly rack: string
  readonly address: string
  readonly port: number
  readonly cdcRawDirectory: string
  readonly commitLogDirectory: string
  readonly blocksWrites: boolean
  /** cdc_total_space; 0: not known. */
  readonly limitBytes: number
  /** Period after which the commit log is on disk; 0: before a write is answered. */
  readonly syncMs?: number
}

/** The start of what is not settled, and what is done with. */
export interface NodePosition {
  readonly segmentId: string
  readonly position: number
  /** The segment of the position had an index file: it holds changes of interest. */
  readonly hadIndex: boolean
  /** Ids of segments that were read whole and deleted. */
  readonly done: readonly string[]
  /** When it was stored. */
  readonly atMs?: number
  /** Everything that was logged before this moment is settled. */
  readonly caughtUpMs?: number
  /** From this moment on the node is read without a break, gaps excepted; undefined: not known. */
  readonly sinceMs?: number
}

export interface Gap {
  readonly id: number
  /** Segments vanished; a table or a node did not log for capture; a queue was full. */
  readonly kind: 'segments' | 'table' | 'node' | 'queue'
  readonly subject: string
  /** Host id; empty: not of one node. */
  readonly node: string
  readonly fromSegment: string
  readonly toSegment: string
  /** ISO 8601; null: not known. */
  readonly fromTime: string | null
  /** Null: it goes on. */
  readonly toTime: string | null
  /** Those that miss changes, as people name them. */
  readonly channels: readonly string[]
  readonly seenAt: string
  /**
   * suspected: other replicas may give the changes. healed: they have. open: changes are missing.
   */
  readonly state: 'suspected' | 'healed' | 'open' | 'acknowledged'
  /** Of an open one: false: what is known of replicas and readers later says nothing of it any more. */
  readonly mayHeal?: boolean
  readonly reason: string
}
