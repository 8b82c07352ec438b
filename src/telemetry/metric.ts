/**
 * Metric descriptors, declared before use in the room that feeds them, and the registry that holds
 * their values (prom-client). docs/reference/metrics.md and the exposition derive from them.
 * Names: `scamander_<room>_<noun>_<unit>`, `_total` for counters only. Labels come from closed sets.
 * Callers keep the `Series` of their labels and update it per batch, never per row.
 */
import { Counter, Gauge, type Metric, Registry } from 'prom-client'
import { HistogramMetric, type HistogramReading } from './histogram.ts'
import { JmxRegistry, type NamedBean } from './jmx/jmx-registry.ts'
import { mergeBeans } from './jmx/merge-beans.ts'

export type MetricKind = 'counter' | 'gauge' | 'histogram'

export interface MetricDescriptor {
  readonly name: string
  readonly kind: MetricKind
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds of a histogram, ascending. */
  readonly buckets?: readonly number[]
}

const descriptors = new Map<string, MetricDescriptor>()

export function declareMetric(descriptor: MetricDescriptor): MetricDescriptor {
  descriptors.set(descriptor.name, descriptor)
  return descriptor
}

/** All descriptors of the modules loaded so far, sorted by name. */
export function declaredMetrics(): MetricDescriptor[] {
  return [...descriptors.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** One time series; each method fits one kind of metric. */
export interface Series {
  /** Counter or gauge. */
  add(amount?: number): void
  /** Gauge. */
  set(value: number): void
  /** Histogram; `count` equal observations at once. */
  observe(value: number, count?: number): void
}

type AnyMetric = Counter<string> | Gauge<string> | HistogramMetric

/** One series as it stands; a histogram's counts are per bucket. */
export interface SeriesReading {
  readonly descriptor: MetricDescriptor
  /** In the descriptor's order. */
  readonly labels: readonly string[]
  readonly value: number | HistogramReading
}

/** Registries of other threads, whose series and beans are shown with these. */
export interface RegistryPeer {
  /** Brings what changed since the last call; limited in time. */
  refresh(): Promise<void>
  readBeans(prefix: string): Promise<readonly NamedBean[]>
  removeWhere(label: string, value: string): void
  removeOwner(owner: string): void
}

const DEFAULT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export class MetricRegistry {
  /** The same under the names of the replaced products; fed apart. */
  readonly jmx = new JmxRegistry()
  readonly #registry = new Registry()
  readonly #metrics = new Map<string, AnyMetric>()
  readonly #collectors = new Set<() => void>()
  readonly #peers = new Set<RegistryPeer>()

  /** The series of these label values, in the descriptor's label order. */
  series(descriptor: MetricDescriptor, ...labels: readonly string[]): Series {
    const metric = this.#metric(descriptor)
    if (metric instanceof Counter) {
      const child = metric.labels(...labels)
      return { add: (n = 1) => child.inc(n), set: refuse, observe: refuse }
    }
    if (metric instanceof Gauge) {
      const child = metric.labels(...labels)
      return { add: (n = 1) => child.inc(n), set: n => child.set(n), observe: refuse }
    }
    const child = metric.series(labels)
    return { add: refuse, set: refuse, observe: (n, count) => child.observe(n, count) }
  }

  /** Removes every series whose label `name` has `value` (a deleted connector). */
  async removeWhere(name: string, value: string): Promise<void> {
    for (const peer of this.#peers) peer.removeWhere(name, value)
    for (const [key, metric] of this.#metrics) {
      if (descriptors.get(key)?.labels.includes(name) !== true) continue
      if (metric instanceof HistogramMetric) {
        metric.removeWhere(name, value)
        continue
      }
      const { values } = await metric.get()
      for (const one of values) {
        const labels = one.labels as Record<string, string | number>
        if (labels[name] === value) metric.remove(labels)
      }
    }
  }

  /** Removes every series of a gauge whose labels change, before it is set anew. */
  clear(descriptor: MetricDescriptor): void {
    this.#metrics.get(descriptor.name)?.reset()
  }

  /** `collect` runs before each exposition, to set gauges that are cheaper to read than to keep. */
  onCollect(collect: () => void): () => void {
    this.#collectors.add(collect)
    return () => this.#collectors.delete(collect)
  }

  /** What a peer has counts here as well, until the answer is called. */
  join(peer: RegistryPeer): () => void {
    this.#peers.add(peer)
    return () => this.#peers.delete(peer)
  }

  /** Brings what the peers counted since they told last; limited in time. */
  async refresh(): Promise<void> {
    await Promise.all([...this.#peers].map(peer => peer.refresh()))
  }

  /** The Prometheus text format. */
  async exposition(): Promise<string> {
    await this.refresh()
    for (const collect of this.#collectors) collect()
    return await this.#registry.metrics()
  }

  /** Beans whose names begin so, those of peers included, sorted by name. */
  async beans(prefix = ''): Promise<readonly NamedBean[]> {
    const reads = [...this.#peers].map(peer => peer.readBeans(prefix))
    const others = await Promise.all(reads)
    return others.length === 0
      ? this.jmx.read(prefix)
      : mergeBeans([this.jmx.read(prefix), ...others])
  }

  /** The beans of a connector that is gone. */
  removeBeans(owner: string): void {
    this.jmx.removeOwner(owner)
    for (const peer of this.#peers) peer.removeOwner(owner)
  }

  /** Every series as it stands now. */
  async read(): Promise<SeriesReading[]> {
    for (const collect of this.#collectors) collect()
    const readings: SeriesReading[] = []
    for (const [name, metric] of this.#metrics) {
      const descriptor = descriptors.get(name)
      if (descriptor === undefined) continue
      if (metric instanceof HistogramMetric) {
        for (const { labels, value } of metric.read()) readings.push({ descriptor, labels, value })
        continue
      }
      const { values } = await metric.get()
      for (const { labels: of, value } of values) {
        const named = of as Record<string, string | number>
        const labels = descriptor.labels.map(label => String(named[label] ?? ''))
        readings.push({ descriptor, labels, value })
      }
    }
    return readings
  }

  /** Adds to a series what another registry counted. */
  addReading({ descriptor, labels, value }: SeriesReading): void {
    const metric = this.#metric(descriptor)
    if (typeof value === 'number') {
      if (!(metric instanceof HistogramMetric)) metric.labels(...labels).inc(value)
    } else if (metric instanceof HistogramMetric) metric.series(labels).merge(value)
  }

  /** prom-client asks no more of a metric than its name and `get`. */
  #register(metric: HistogramMetric): HistogramMetric {
    this.#registry.registerMetric(metric as unknown as Metric)
    return metric
  }

  #metric(descriptor: MetricDescriptor): AnyMetric {
    const known = this.#metrics.get(descriptor.name)
    if (known !== undefined) return known
    const { name, help, labels, buckets = DEFAULT_BUCKETS } = descriptor
    const shared = { name, help, labelNames: [...labels], registers: [this.#registry] }
    const made =
      descriptor.kind === 'counter'
        ? new Counter(shared)
        : descriptor.kind === 'gauge'
          ? new Gauge(shared)
          : this.#register(new HistogramMetric({ name, help, labels, buckets }))
    this.#metrics.set(name, made)
    return made
  }
}

function refuse(): never {
  throw new TypeError('this update does not fit the kind of the metric')
}
