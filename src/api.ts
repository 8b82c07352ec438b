/**
 * The JSON shapes of the REST API, types only: what the server sends and what clients may rely on.
 * Importable by every room, and the only file of the product that the web page imports.
 * Invariant: members stand in the order in which they are emitted.
 * Spec: connect-rest 3.
 */
export type ConnectorState =
  | 'UNASSIGNED'
  | 'RUNNING'
  | 'PAUSED'
  | 'STOPPED'
  | 'FAILED'
  | 'RESTARTING'

export type PluginType =
  | 'sink'
  | 'source'
  | 'transformation'
  | 'predicate'
  | 'converter'
  | 'header_converter'

export interface VersionInfo {
  readonly version: string
  readonly commit: string
  readonly kafka_cluster_id: string
}

export interface HealthInfo {
  readonly status: 'healthy' | 'starting' | 'unhealthy'
  readonly message: string
}

export interface ErrorInfo {
  readonly error_code: number
  readonly message: string | null
}

export interface TaskId {
  readonly connector: string
  readonly task: number
}

export interface ConnectorInfo {
  readonly name: string
  readonly config: Readonly<Record<string, string>>
  readonly tasks: readonly TaskId[]
  readonly type: 'sink' | 'source' | 'unknown'
}

export interface TaskState {
  readonly id: number
  readonly state: ConnectorState
  readonly worker_id: string
  readonly trace?: string
  readonly version?: string
}

export interface ConnectorStateInfo {
  readonly name: string
  readonly connector: Omit<TaskState, 'id'>
  readonly tasks: readonly TaskState[]
  readonly type: 'sink' | 'source' | 'unknown'
}

/** A destination of change capture, as `/api/v1/cdc` shows it. */
export interface CaptureDestination {
  readonly name: string
  readonly transmissionEnabled: boolean
  readonly addresses: readonly string[]
  readonly driver: Readonly<Record<string, string>>
}

/** A channel of change capture. */
export interface CaptureChannel {
  readonly cluster: string
  readonly dataCenterId: string
  readonly sourceKeyspace: string
  readonly sourceTable: string
  readonly destination: string
  readonly destinationKeyspace: string
  readonly destinationTable: string
  readonly sourceId: string
  readonly sourceIdColumn: string
  readonly order: 'FIFO' | 'LIFO'
  readonly priority: number
  readonly collectionEnabled: boolean
  readonly transmissionEnabled: boolean
  /** 0: no limit. */
  readonly queueMaxBytes: number
  readonly queueFull: 'alarm' | 'block' | 'drop-oldest'
  /** Which copy of a write is given, where several replicas log it. */
  readonly emit: 'first' | 'primary' | 'quorum'
  readonly createdAtMs: number
  readonly destinationEnabled: boolean
  readonly isCassandra: boolean
  readonly stats: {
    readonly queued: number
    readonly queuedBytes: number
    readonly lagSeconds: number
    /** That read for it. */
    readonly agents: number
    /** Nodes of its data centre; null: not known yet. */
    readonly nodes: number | null
    /** See `CaptureChannelState`. */
    readonly state: CaptureChannelState
    readonly error: string | null
    /** What to do about the error. */
    readonly advice: string | null
    /** Since the worker started. */
    readonly delivered: number
    readonly duplicates: number
    readonly dropped: number
    /** Open ones that concern the channel. */
    readonly gaps: number
    readonly lastEventAt: string | null
    /** Delivered, over the last minute. */
    readonly perSecond: number
    /** What was given of the rows that are there already; null: none since the worker started. */
    readonly snapshot: { readonly rows: number; readonly part: number } | null
  }
}

/**
 * TETHERED: it is delivered. ISOLATED: its destination does not take it. WAITING: no connector serves
 * its destination. COLLECTING_ONLY, TRANSMITTING_ONLY, PAUSED: as switched. BLOCKED: an agent or
 * the queue waits. FAILED: changes are not captured.
 */
export type CaptureChannelState =
  | 'TETHERED'
  | 'ISOLATED'
  | 'WAITING'
  | 'COLLECTING_ONLY'
  | 'TRANSMITTING_ONLY'
  | 'PAUSED'
  | 'BLOCKED'
  | 'FAILED'

/** Who reads the commit logs. */
export interface CaptureAgents {
  readonly agents: readonly CaptureAgent[]
  /** Why agents that should run do not. */
  readonly error: string | null
}

export interface CaptureAgent {
  readonly cluster: string
  readonly hostId: string
  readonly dataCenter: string
  readonly address: string
  readonly state: string
  readonly error: string | undefined
  readonly position: { readonly segment: string; readonly offset: number } | undefined
  readonly segmentsAhead: number
  readonly cdcRaw: {
    readonly bytes: number
    readonly files: number
    readonly limitBytes: number
    /** At the pace of the last minutes; null: it does not grow. */
    readonly fullInSeconds: number | null
  }
  /** Segments that were moved out of `cdc_raw`; absent: no overflow folder is set. */
  readonly overflow?: {
    readonly bytes: number
    readonly files: number
    readonly limitBytes: number
  }
  readonly corrupt: number
  readonly undecodable: number
  /** Everything logged before this moment is queued; undefined: not known. */
  readonly caughtUpMs: number | undefined
  /** Age of that moment; null: not known. */
  readonly lagMs: number | null
  /** Whether the node answers. */
  readonly cassandra: 'up' | 'down' | 'unknown'
}

/** A cluster that is captured from. */
export interface CaptureCluster {
  readonly name: string
  /** Of the contact point. */
  readonly dataCenterId: string
  readonly nodes: readonly {
    readonly hostId: string
    readonly dataCenterId: string
    readonly address: string
    readonly port: number
    readonly cassandra: 'up' | 'down' | 'unknown'
    /** State of its agent; null: it has none. */
    readonly agent: string | null
  }[]
}

/** A setting of capture that is changed while it runs. */
export interface CaptureConfEntry {
  readonly name: string
  readonly value: string
}

export interface CaptureMetric {
  readonly group: string
  readonly type: string
  readonly count: number
}

/** Changes that were made and will not be delivered. */
export interface CaptureGap {
  readonly id: number
  readonly kind: 'segments' | 'table' | 'node' | 'queue'
  readonly node: string
  readonly fromSegment: string
  readonly toSegment: string
  readonly fromTime: string | null
  /** Null: it goes on. */
  readonly toTime: string | null
  readonly channels: readonly string[]
  readonly seenAt: string
  /** suspected: it is not known yet whether other replicas gave the changes. healed: they did. */
  readonly state: 'suspected' | 'healed' | 'open' | 'acknowledged'
  readonly reason: string
}

/** One member of `GET /connectors?expand=…`. */
export interface ExpandedConnector {
  readonly status?: ConnectorStateInfo
  readonly info?: ConnectorInfo
}

export interface TaskInfo {
  readonly id: TaskId
  readonly config: Readonly<Record<string, string>>
}

export interface PluginInfo {
  readonly class: string
  readonly type: PluginType
  readonly version: string
}

/** Any JSON value. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [name: string]: JsonValue }

export type JsonObject = { readonly [name: string]: JsonValue }

/**
 * One position of a connector. A sink's is `{kafka_topic, kafka_partition}` and `{kafka_offset}`,
 * the next record to read; a source has its own members. An offset of null: none, or remove it.
 */
export interface ConnectorOffset {
  readonly partition: JsonObject | null
  readonly offset: JsonObject | null
}

export interface OffsetsInfo {
  readonly offsets: readonly ConnectorOffset[]
}

export interface MessageInfo {
  readonly message: string
}

/** `GET /connectors/{name}/topics`: one member, named after the connector. */
export type TopicsInfo = Readonly<Record<string, { readonly topics: readonly string[] }>>

export interface LoggerInfo {
  readonly level: string
  readonly last_modified: number | null
}

/** One setting of a class, as `validate` and `GET /connector-plugins/{class}/config` describe it. */
export interface ConfigKeyInfo {
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly default_value: string | null
  readonly importance: 'HIGH' | 'MEDIUM' | 'LOW'
  readonly documentation: string
  readonly group: string | null
  readonly width: 'NONE' | 'SHORT' | 'MEDIUM' | 'LONG'
  readonly display_name: string
  readonly dependents: readonly string[]
  readonly order: number
}

export interface ConfigValueInfo {
  readonly name: string
  readonly value: string | null
  readonly recommended_values: readonly string[]
  readonly errors: readonly string[]
  readonly visible: boolean
}

/** `PUT /connector-plugins/{class}/config/validate`: every setting with its value and findings. */
export interface ConfigInfos {
  readonly name: string
  readonly error_count: number
  readonly groups: readonly string[]
  readonly configs: readonly {
    readonly definition: ConfigKeyInfo | null
    readonly value: ConfigValueInfo | null
  }[]
}
