/**
 * The JSON shapes of `/api/v1/cdc` that the page needs beside those in api.ts: figures of the last
 * minute, the tail of changes, what a new channel may be made of, and its check. Types only, importable
 * by every room.
 * Invariant: what is unknown is null, never 0.
 * Spec: ui 5.5, 6; cdc-replication 2.7.
 */

import type { CaptureAgents, CaptureChannel, CaptureDestination, CaptureGap } from './api.ts'

/** `GET /cdc/overview`, and the live topic `capture`. */
export interface CaptureOverview {
  readonly destinations: readonly CaptureDestination[]
  readonly channels: readonly CaptureChannel[]
  readonly agents: CaptureAgents
  readonly gaps: readonly CaptureGap[]
  readonly figures: CaptureFigures
}

/** Rates and latencies are of the last `seconds`. */
export interface CaptureFigures {
  readonly seconds: number
  readonly channels: readonly CaptureChannelFigures[]
  /** How many changes took so long. */
  readonly latency: readonly CaptureLatencyBucket[]
  readonly p50Seconds: number | null
  readonly p99Seconds: number | null
  readonly eventsPerSecond: number | null
  /** Copies of other replicas that were recognised and left out. */
  readonly copiesPerSecond: number | null
  readonly nodes: readonly CaptureNodeFigures[]
  /** What waited in the queues of each destination, oldest first. */
  readonly history: readonly CaptureQueueDepth[]
}

/** The same names as of a `CaptureChannel`. */
export interface CaptureChannelFigures {
  readonly dataCenterId: string
  readonly sourceKeyspace: string
  readonly sourceTable: string
  readonly destination: string
  readonly eventsPerSecond: number | null
  readonly p50Seconds: number | null
  readonly p99Seconds: number | null
}

export interface CaptureLatencyBucket {
  /** Null: longer than all others. */
  readonly upToSeconds: number | null
  readonly count: number
}

export interface CaptureNodeFigures {
  readonly hostId: string
  readonly recordsPerSecond: number | null
}

export interface CaptureQueueDepth {
  readonly time: string
  readonly queued: Readonly<Record<string, number>>
}

/** `GET /cdc/tail?after=`; the live topic `tail:capture` tells the same as items. */
export interface CaptureTail {
  /** Oldest first, the newest of them when there are too many. */
  readonly items: readonly CaptureTailRow[]
  /** Give it as `after` the next time. */
  readonly next: number
  /** Since `after`: changes that are not among the items. */
  readonly skipped: number
}

export interface CaptureTailRow {
  readonly id: string
  /** Write time; null: it fits no calendar. */
  readonly time: string | null
  readonly queuedAt: string
  readonly op: 'INSERT' | 'UPDATE' | 'DELETE'
  /** What a deletion takes. */
  readonly scope: 'row' | 'range' | 'partition'
  readonly keyspace: string
  readonly table: string
  readonly destinations: readonly string[]
  readonly key: readonly CaptureTailValue[]
  readonly columns: readonly CaptureTailValue[]
  /** From the write until it was queued; null: the clocks differ, or it was written with a time of its own. */
  readonly afterMs: number | null
  /** Microseconds. */
  readonly writeTime: string
  readonly ttlSeconds: number | null
  /** Of a range deletion. */
  readonly range: string | null
  readonly node: string
  readonly segment: string
  readonly position: number
  /** Replicas whose logs had it so far. */
  readonly replicas: number
}

/** A value as CQL writes it, cut when it is long. */
export interface CaptureTailValue {
  readonly name: string
  readonly value: string
  /** Elements of a collection that were added or removed; the rest is not in the log. */
  readonly isPart: boolean
}

/** `GET /cdc/source`: what a new channel may be made of. */
export interface CaptureSource {
  readonly cluster: string
  /** Of the contact point. */
  readonly dataCenterId: string
  readonly dataCenterIds: readonly string[]
  /** Of users; views and system tables are left out. */
  readonly tables: readonly CaptureSourceTable[]
}

export interface CaptureSourceTable {
  readonly keyspace: string
  readonly table: string
  /** `cdc = true`. */
  readonly isCaptured: boolean
  readonly isCounter: boolean
}

/** `POST /cdc/channels/check` with the body of a new channel: nothing is made. */
export interface CaptureChannelCheck {
  /** At the field that is wrong. */
  readonly problems: readonly {
    readonly field: string
    readonly message: string
  }[]
  readonly checks: readonly CaptureCheck[]
}

export interface CaptureCheck {
  readonly key: 'agents' | 'cdc_enabled' | 'cdc_raw' | 'table'
  readonly state: 'passed' | 'warning' | 'failed'
  readonly text: string
}
