/**
 * Everything the proxy counts: fed by sessions, read as one snapshot per thread, merged and printed
 * by exposition.ts. Plain numbers, so that a request costs a few additions.
 * Invariant: series come from closed sets; tables are capped at TABLES_MAX.
 * Spec: live-migration 1.6, 2.13.
 */
import { errorCodeName, opcodeName } from '../../cql/index.ts'
import type { MetricDescriptor } from '../../telemetry/index.ts'
import { CLUSTERS, type Cluster, clusterName, TARGET } from '../cluster.ts'
import { errorCodeOf } from '../link/answer-body.ts'
import { METRICS } from '../metrics.ts'
import { type DualRequest, STATUS } from '../request/dual-request.ts'
import type { StatementInfo } from '../statement/statement-info.ts'
import { Meters, type SeriesHandle } from './meters.ts'

const TABLES_MAX = 500
const OTHER = 'other'
const STATES = ['other', 'query', 'prepare', 'execute', 'register', 'batch'] as const

export class ProxyMeters {
  readonly meters = new Meters()
  readonly errorAnswers: SeriesHandle
  readonly differentResults: SeriesHandle
  readonly cacheMisses: SeriesHandle
  readonly conditionalWrites: SeriesHandle
  readonly appliedMismatches: SeriesHandle
  readonly nondeterministicWrites: SeriesHandle
  readonly metadataMismatches: SeriesHandle
  readonly journalRefused: SeriesHandle
  readonly clientPaused: SeriesHandle
  readonly serverPaused: SeriesHandle
  readonly #byInfo = new WeakMap<StatementInfo, TableSeries>()
  readonly #byName: Map<string, TableSeries>
  readonly #requests = new Map<string, RequestSeries>()
  #last: RequestSeries | undefined

  constructor(labels: readonly [source: string, target: string]) {
    const { meters } = this
    this.#byName = new Map([[`${OTHER}.${OTHER}`, makeTableSeries(meters, [OTHER, OTHER])]])
    this.errorAnswers = meters.series(METRICS.serverErrors)
    this.differentResults = meters.series(METRICS.differentResults)
    this.cacheMisses = meters.series(METRICS.cacheMisses)
    this.conditionalWrites = meters.series(METRICS.lwt)
    this.appliedMismatches = meters.series(METRICS.appliedMismatches)
    this.nondeterministicWrites = meters.series(METRICS.nondeterministic)
    this.metadataMismatches = meters.series(METRICS.metadataMismatches)
    this.journalRefused = meters.series(METRICS.journalRefused)
    this.clientPaused = meters.series(METRICS.clientPaused)
    this.serverPaused = meters.series(METRICS.serverPaused, labels[0], labels[0])
  }

  received(_opcode: number): void {
    this.meters.requests += 1
  }

  /** The client got its answer. */
  answered(request: DualRequest, seconds: number): void {
    const series = this.#seriesOf(request)
    series.operation.observe(seconds)
    series.duration.observe(seconds)
    series.count.add()
  }

  /** Every cluster the request was for has settled. */
  settled(request: DualRequest): void {
    const series = this.#seriesOf(request)
    for (const cluster of CLUSTERS) {
      const status = request.status[cluster]
      if (status === STATUS.NONE || status === STATUS.SKIPPED) continue
      const seconds = Math.max(0, request.settledMs[cluster] - request.startedMs) / 1000
      series.clusters[cluster].observe(seconds)
      series.durations[cluster].observe(seconds)
      if (status !== STATUS.OK) this.#failed(request, cluster)
    }
  }

  /** A write is done; `failed`: where it is missing. */
  written(request: DualRequest, failed: Cluster | 'both' | undefined): void {
    if (failed !== undefined) {
      const name = failed === 'both' ? 'both' : clusterName(failed)
      this.meters.series(METRICS.failedWrites, name).add()
    }
    if (request.skipReason !== undefined && request.skipReason !== 'not_applied') {
      this.meters.series(METRICS.sourceOnlyWrites, request.skipReason).add()
    }
    const table = this.#tableOf(request.info)
    if (request.status[TARGET] === STATUS.SKIPPED) table.skipped.add()
    for (const cluster of CLUSTERS) {
      const status = request.status[cluster]
      if (status === STATUS.OK) table.ok[cluster].add()
      else if (status !== STATUS.SKIPPED && status !== STATUS.NONE) table.failed[cluster].add()
    }
  }

  unprepared(cluster: Cluster): void {
    this.meters.series(METRICS.clusterErrors, clusterName(cluster), 'unprepared').add()
  }

  failedConnection(cluster: Cluster): void {
    this.meters.series(METRICS.failedConnections, clusterName(cluster)).add()
  }

  asyncRead(cluster: Cluster, outcome: { isFailed: boolean; seconds: number }): void {
    if (outcome.isFailed) this.meters.series(METRICS.failedReads, clusterName(cluster)).add()
    else {
      this.meters.series(METRICS.clusterDuration, clusterName(cluster)).observe(outcome.seconds)
    }
  }

  #failed(request: DualRequest, cluster: Cluster): void {
    const name = clusterName(cluster)
    this.meters.series(METRICS.clusterErrors, name, errorKindOf(request, cluster)).add()
    if (!request.isWrite) this.meters.series(METRICS.failedReads, name).add()
  }

  /** Found by the statement's description, which lives as long as the statement is cached. */
  #tableOf(info: StatementInfo | undefined): TableSeries {
    const found = info === undefined ? undefined : this.#byInfo.get(info)
    if (found !== undefined) return found
    const series = this.#tableNamed(info?.keyspace ?? '', info?.table ?? '')
    if (info !== undefined) this.#byInfo.set(info, series)
    return series
  }

  #tableNamed(keyspace: string, table: string): TableSeries {
    const name = `${keyspace}.${table}`
    const known = this.#byName.get(name)
    if (known !== undefined) return known
    if (this.#byName.size >= TABLES_MAX) return this.#tableNamed(OTHER, OTHER)
    const series = makeTableSeries(this.meters, [keyspace, table])
    this.#byName.set(name, series)
    return series
  }

  /** Most requests are like the one before. */
  #seriesOf({ opcode, statementClass, awaited }: DualRequest): RequestSeries {
    const last = this.#last
    if (
      last?.opcode === opcode &&
      last.statementClass === statementClass &&
      last.awaited === awaited
    ) {
      return last
    }
    const key = `${opcode} ${statementClass} ${awaited}`
    let series = this.#requests.get(key)
    if (series === undefined) {
      series = makeRequestSeries(this.meters, { opcode, statementClass, awaited })
      this.#requests.set(key, series)
    }
    this.#last = series
    return series
  }
}

type RequestKind = Pick<DualRequest, 'opcode' | 'statementClass' | 'awaited'>

interface RequestSeries extends RequestKind {
  readonly operation: SeriesHandle
  readonly duration: SeriesHandle
  readonly count: SeriesHandle
  readonly clusters: readonly [SeriesHandle, SeriesHandle]
  readonly durations: readonly [SeriesHandle, SeriesHandle]
}

interface TableSeries {
  readonly ok: readonly [SeriesHandle, SeriesHandle]
  readonly failed: readonly [SeriesHandle, SeriesHandle]
  readonly skipped: SeriesHandle
}

function makeTableSeries(meters: Meters, names: readonly string[]): TableSeries {
  const pairOf = (metric: MetricDescriptor): [SeriesHandle, SeriesHandle] => [
    meters.series(metric, 'source', ...names),
    meters.series(metric, 'target', ...names),
  ]
  return {
    ok: pairOf(METRICS.okByTable),
    failed: pairOf(METRICS.failedByTable),
    skipped: meters.series(METRICS.skippedByTable, ...names),
  }
}

function makeRequestSeries(meters: Meters, request: RequestKind): RequestSeries {
  const tags = [
    String(request.opcode),
    STATES[request.opcode === 13 ? 1 : stateOf(request.opcode)]!,
  ]
  const routed = request.awaited === 3 ? 'both' : request.awaited === 2 ? 'target' : 'source'
  const { opcode, statementClass, awaited } = request
  return {
    opcode,
    statementClass,
    awaited,
    operation: meters.series(METRICS.operation, ...tags),
    duration: meters.series(METRICS.duration, statementClass),
    count: meters.series(METRICS.requests, opcodeName(request.opcode), statementClass, routed),
    clusters: [
      meters.series(METRICS.operationSource, ...tags),
      meters.series(METRICS.operationTarget, ...tags),
    ],
    durations: [
      meters.series(METRICS.clusterDuration, 'source'),
      meters.series(METRICS.clusterDuration, 'target'),
    ],
  }
}

function stateOf(opcode: number): number {
  return opcode === 7 ? 1 : opcode === 9 ? 2 : opcode === 10 ? 3 : opcode === 11 ? 4 : 0
}

const KINDS: ReadonlySet<string> = new Set([
  'READ_TIMEOUT',
  'READ_FAILURE',
  'WRITE_TIMEOUT',
  'WRITE_FAILURE',
  'OVERLOADED',
  'UNAVAILABLE',
  'UNPREPARED',
])

function errorKindOf(request: DualRequest, cluster: Cluster): string {
  const status = request.status[cluster]
  if (status === STATUS.TIMED_OUT) return 'client_timeout'
  const frame = request.answers[cluster]
  if (status !== STATUS.ERROR || frame === undefined) return 'other'
  const name = errorCodeName(errorCodeOf(frame))
  return KINDS.has(name) ? name.toLowerCase() : 'other'
}
