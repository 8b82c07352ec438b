/**
 * What the metrics of a proxy say: counters of writes, reads and failures by cluster, and how long the
 * clusters take. Read by the proxy watch, which makes rates of two readings.
 * Invariant: a metric that a proxy does not have counts as 0, as on a proxy that just started.
 * Spec: live-migration 2.13, 5 (status shown).
 */
export interface BySide {
  readonly source: number
  readonly target: number
}

export interface ProxyReading {
  readonly writes: BySide
  readonly failed: BySide
  readonly reads: BySide & { readonly both: number }
  /** Requests up to each bound, by cluster. */
  readonly took: { readonly source: Buckets; readonly target: Buckets }
  readonly oldest: number
  readonly different: number
  readonly lwtMismatches: number
  readonly clients: number
}

/** Upper bound in seconds to the number of requests below it. */
export type Buckets = ReadonlyMap<number, number>

interface Line {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g
const OURS = 'scamander_proxy_'

export function readingOf(text: string): ProxyReading {
  const lines = text.split('\n').flatMap(lineOf)
  const sum = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    lines.reduce((all, one) => (isMeant(one, name, labels) ? all + one.value : all), 0)
  const sides = (name: string, label: string, more: Readonly<Record<string, string>> = {}) => ({
    source: sum(name, { ...more, [label]: 'source' }),
    target: sum(name, { ...more, [label]: 'target' }),
  })
  const failed = sides(`${OURS}failed_writes_total`, 'failed_on')
  const failedBoth = sum(`${OURS}failed_writes_total`, { failed_on: 'both' })
  const requests = `${OURS}requests_total`
  return {
    writes: sides(`${OURS}writes_ok_total`, 'cluster'),
    failed: { source: failed.source + failedBoth, target: failed.target + failedBoth },
    reads: {
      ...sides(requests, 'routed', { class: 'read' }),
      both: sum(requests, { class: 'read', routed: 'both' }),
    },
    took: { source: bucketsOf(lines, 'source'), target: bucketsOf(lines, 'target') },
    oldest: Math.max(
      0,
      ...lines.filter(one => one.name === `${OURS}async_oldest_seconds`).map(one => one.value),
    ),
    different: sum('cassandraProxy_cqlOperation_cqlDifferentResultCount_total'),
    lwtMismatches: sum(`${OURS}lwt_applied_mismatch_total`),
    clients: sum(`${OURS}client_connections`),
  }
}

/** Milliseconds that 99 of 100 requests between two readings took at most; null: there was none. */
export function p99Ms(before: Buckets, now: Buckets): number | null {
  const counts = [...now]
    .map(([bound, count]) => ({ bound, count: Math.max(0, count - (before.get(bound) ?? 0)) }))
    .sort((a, b) => a.bound - b.bound)
  const total = counts.at(-1)?.count ?? 0
  if (total === 0) return null
  const wanted = total * 0.99
  let below = { bound: 0, count: 0 }
  for (const one of counts) {
    if (one.count < wanted) {
      below = one
      continue
    }
    if (!Number.isFinite(one.bound)) return below.bound * 1000
    const share = (wanted - below.count) / Math.max(1, one.count - below.count)
    return (below.bound + (one.bound - below.bound) * share) * 1000
  }
  return null
}

function bucketsOf(lines: readonly Line[], cluster: string): Buckets {
  const out = new Map<number, number>()
  for (const { name, labels, value } of lines) {
    if (name !== `${OURS}cluster_request_duration_seconds_bucket`) continue
    if (labels['cluster'] !== cluster) continue
    const bound = labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le'])
    out.set(bound, (out.get(bound) ?? 0) + value)
  }
  return out
}

function isMeant(line: Line, name: string, labels: Readonly<Record<string, string>>): boolean {
  return (
    line.name === name &&
    Object.entries(labels).every(([label, value]) => line.labels[label] === value)
  )
}

function lineOf(text: string): Line[] {
  const [, name, labels = '', value] = LINE.exec(text) ?? []
  if (name === undefined) return []
  const found = [...labels.matchAll(LABEL)].map(([, label, of]) => [label, of] as const)
  return [{ name, labels: Object.fromEntries(found), value: Number(value) }]
}
