/**
 * The JSON shapes of `/api/v1/data`, types only: keyspaces, tables and rows of the page's Cassandra
 * connections, statements of a person, and topics and records of the worker's Kafka.
 * Importable by every room; used by the page, the server and the room `browse`.
 * Invariants: cells, tokens, offsets and counts that may pass 2^53 are texts; what was cut says so.
 * Spec: ui 4.8, 5.7, 6.
 */

// Cassandra -----------------------------------------------------------------------------------

/** `GET /data/cassandra/{connection}/keyspaces` */
export interface KeyspaceInfo {
  readonly name: string
  /** Of Cassandra itself. */
  readonly isSystem: boolean
  /** Sorted by name. */
  readonly tables: readonly string[]
}

export interface TableColumnInfo {
  readonly name: string
  /** CQL. */
  readonly type: string
  readonly kind: 'partition_key' | 'clustering' | 'static' | 'regular'
  /** Of a clustering column. */
  readonly order: 'asc' | 'desc' | null
}

/** `GET /data/cassandra/{connection}/{keyspace}/{table}` */
export interface DataTableInfo {
  readonly keyspace: string
  readonly name: string
  readonly columns: readonly TableColumnInfo[]
  /** The statement that makes it; null: this server does not tell it. */
  readonly ddl: string | null
  /** Estimated by the servers; null: unknown. */
  readonly partitions: string | null
  /** Of the connection: no statement but reads. */
  readonly isReadOnly: boolean
}

/** Null is NULL; an object is what is left of a text that was cut, with its whole size in bytes. */
export type DataCell = string | null | { readonly text: string; readonly bytes: number }

export interface DataColumn {
  readonly name: string
  /** CQL. */
  readonly type: string
  readonly kind: TableColumnInfo['kind'] | 'result' | 'writetime'
}

/** `GET …/rows?token=&page=&key=&times=&limit=`; `key` is a JSON list of texts. */
export interface DataRows {
  readonly columns: readonly DataColumn[]
  readonly rows: readonly (readonly DataCell[])[]
  /** The token of each row. */
  readonly tokens: readonly string[]
  /** Send it as `page` for the rows behind; null: there are no more. */
  readonly next: string | null
  readonly tookMs: number
}

/** `POST /data/cassandra/{connection}/cql` */
export interface CqlRequest {
  readonly cql: string
  /** Statements other than reads are run. @default false */
  readonly write?: boolean
  /** Of a statement that deletes: the name of its object, as `keyspace.table`. */
  readonly confirm?: string
}

/** `POST /data/cassandra/{connection}/cql/check`: what a statement would do; nothing is run. */
export interface CqlCheck {
  readonly kind: 'read' | 'write' | 'delete'
  /** `ALTER TABLE` */
  readonly verb: string
  /** To be sent as `confirm`; null: nothing is taken away. */
  readonly confirm: string | null
}

export interface CqlResult {
  readonly kind: 'read' | 'write' | 'delete'
  /** Empty for statements without rows. */
  readonly columns: readonly DataColumn[]
  readonly rows: readonly (readonly DataCell[])[]
  /** There are more rows than these. */
  readonly hasMore: boolean
  readonly tookMs: number
}

// Kafka ---------------------------------------------------------------------------------------

/** `GET /data/kafka` */
export interface DataKafkaInfo {
  /** False: the server was started without `bootstrap.servers`. */
  readonly isSetUp: boolean
  readonly bootstrapServers: string
  /** Records with a schema id are decoded. */
  readonly hasRegistry: boolean
}

/** `GET /data/kafka/topics` */
export interface TopicInfo {
  readonly name: string
  readonly partitions: number
  readonly replicas: number
  /** First to next offset, over all partitions; null: unknown. */
  readonly records: string | null
  /** Next offsets, over all partitions; grows with each record. */
  readonly end: string | null
}

export interface TopicPartitionInfo {
  readonly partition: number
  /** Null: none at the moment. */
  readonly leader: number | null
  readonly replicas: readonly number[]
  readonly start: string
  readonly end: string
}

export interface TopicSettingInfo {
  readonly name: string
  /** Null: kept secret by the broker. */
  readonly value: string | null
  readonly isDefault: boolean
}

/** `GET /data/kafka/topics/{topic}` */
export interface TopicDetail {
  readonly name: string
  readonly partitions: readonly TopicPartitionInfo[]
  readonly settings: readonly TopicSettingInfo[]
}

/** `GET /data/kafka/topics/{topic}/consumers` */
export interface TopicConsumerInfo {
  readonly group: string
  readonly state: string
  readonly members: number
  readonly lag: string
  readonly partitions: readonly {
    readonly partition: number
    readonly committed: string
    readonly end: string
    readonly lag: string
  }[]
}

export interface TopicConsumers {
  readonly items: readonly TopicConsumerInfo[]
  /** Groups that were not looked at, because there are too many. */
  readonly left: number
}

export type DataFormat = 'null' | 'json' | 'text' | 'hex' | 'avro' | 'protobuf' | 'json-schema'

/** A key, a value or a header. */
export interface RecordPart {
  readonly format: DataFormat
  readonly text: string
  /** As they lie in Kafka. */
  readonly bytes: number
  readonly isCut: boolean
  /** Of the registry. */
  readonly schemaId: number | null
}

export interface RecordInfo {
  readonly partition: number
  readonly offset: string
  /** Null: it carries none. */
  readonly time: string | null
  readonly key: RecordPart
  readonly value: RecordPart
  readonly headers: number
}

/** How parts are shown; `auto` tries registry, JSON, text, hex. */
export type DecodeAs = 'auto' | 'json' | 'text' | 'hex'

/**
 * `GET …/records?from=newest|oldest|offset:N|time:ISO&partition=&q=&decode=&limit=&page=&wait=`.
 * `page`: the `older`, `newer` or `live` of an answer.
 */
export interface RecordsPage {
  readonly records: readonly RecordInfo[]
  /** Null: there are none. */
  readonly older: string | null
  readonly newer: string | null
  /** For the records that come after this answer. */
  readonly live: string
  /** Records looked at for the filter. */
  readonly scanned: number
  /** Of a live answer: records that came and are not in it. */
  readonly skipped: number
  /** The search ended at its limit before it found enough. */
  readonly isCutOff: boolean
}

/** `GET …/records/{partition}/{offset}` */
export interface RecordDetail extends RecordInfo {
  readonly headerParts: readonly { readonly name: string; readonly value: RecordPart }[]
  /** Hexadecimal, of the first 64 kB. */
  readonly keyHex: string
  readonly valueHex: string
}

/** `POST /data/kafka/topics` */
export interface TopicDraft {
  readonly name: string
  /** Left out: the broker's default. */
  readonly partitions?: number
}

/** `POST /data/kafka/topics/{topic}/records`; null is Kafka's null. */
export interface RecordDraft {
  readonly key: string | null
  readonly value: string | null
  readonly partition?: number
  readonly headers?: Readonly<Record<string, string>>
}
