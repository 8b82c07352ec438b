/**
 * Carries a registry's series from one thread to another: what changed since it was last told, as
 * differences, so that series which several threads feed add up and one that ended stays counted.
 * `MetricChanges` reads in the thread that counts; `MetricInflow` adds up in the thread that shows.
 * Invariants: what is told is plain data; a counter never goes back when a thread ends; the gauges
 * of a thread that ended are taken out.
 */
import type { HistogramReading } from './histogram.ts'
import type { MetricDescriptor, MetricRegistry, SeriesReading } from './metric.ts'

/** A difference; the descriptor stands in the message that first names it, or in an earlier one. */
export interface MetricChange {
  readonly name: string
  readonly labels: readonly string[]
  readonly value: SeriesReading['value']
}

export interface MetricReport {
  readonly descriptors: readonly MetricDescriptor[]
  readonly changes: readonly MetricChange[]
}

export class MetricChanges {
  readonly #registry: MetricRegistry
  readonly #told = new Map<string, SeriesReading>()
  readonly #descriptors = new Set<string>()

  constructor(registry: MetricRegistry) {
    this.#registry = registry
  }

  async take(): Promise<MetricReport> {
    const descriptors: MetricDescriptor[] = []
    const changes: MetricChange[] = []
    for (const reading of await this.#registry.read()) {
      const { descriptor, labels, value } = reading
      const key = keyOf(descriptor.name, labels)
      const before = this.#told.get(key)
      const grown = differenceOf(value, before?.value)
      // A counter that was removed and made anew begins at zero again.
      const isAnew = descriptor.kind === 'counter' && typeof grown === 'number' && grown < 0
      const change = isAnew ? value : grown
      if (change === undefined && before !== undefined) continue
      this.#told.set(key, reading)
      if (!this.#descriptors.has(descriptor.name)) {
        this.#descriptors.add(descriptor.name)
        descriptors.push(descriptor)
      }
      changes.push({ name: descriptor.name, labels, value: change ?? value })
    }
    return { descriptors, changes }
  }

  /** The series of something that is deleted: here and where it was told. */
  async removeWhere(label: string, value: string): Promise<void> {
    await this.#registry.removeWhere(label, value)
    for (const [key, { descriptor, labels }] of this.#told) {
      if (labels[descriptor.labels.indexOf(label)] === value) this.#told.delete(key)
    }
  }
}

export class MetricInflow {
  readonly #registry: MetricRegistry
  readonly #descriptors = new Map<string, MetricDescriptor>()
  /** What the other thread's gauges add here. */
  readonly #gauges = new Map<string, SeriesReading & { readonly value: number }>()

  constructor(registry: MetricRegistry) {
    this.#registry = registry
  }

  apply({ descriptors, changes }: MetricReport): void {
    for (const descriptor of descriptors) this.#descriptors.set(descriptor.name, descriptor)
    for (const { name, labels, value } of changes) {
      const descriptor = this.#descriptors.get(name)
      if (descriptor === undefined) continue
      this.#registry.addReading({ descriptor, labels, value })
      if (descriptor.kind !== 'gauge' || typeof value !== 'number') continue
      const key = keyOf(name, labels)
      const sum = (this.#gauges.get(key)?.value ?? 0) + value
      this.#gauges.set(key, { descriptor, labels, value: sum })
    }
  }

  /** The series of something that is deleted are no more here either. */
  removeWhere(label: string, value: string): void {
    for (const [key, { descriptor, labels }] of this.#gauges) {
      if (labels[descriptor.labels.indexOf(label)] === value) this.#gauges.delete(key)
    }
  }

  /** The other thread has ended. */
  close(): void {
    for (const gauge of this.#gauges.values()) {
      this.#registry.addReading({ ...gauge, value: -gauge.value })
    }
    this.#gauges.clear()
  }
}

/** Undefined: none. */
function differenceOf(
  now: SeriesReading['value'],
  before: SeriesReading['value'] | undefined,
): SeriesReading['value'] | undefined {
  if (before === undefined) return now
  if (typeof now === 'number') {
    const change = now - Number(before)
    return change === 0 ? undefined : change
  }
  const { counts, sum } = before as HistogramReading
  const changed = now.counts.map((count, i) => count - (counts[i] ?? 0))
  if (changed.every(count => count === 0)) return undefined
  return { counts: changed, sum: now.sum - sum }
}

function keyOf(name: string, labels: readonly string[]): string {
  return [name, ...labels].join('\u0000')
}
