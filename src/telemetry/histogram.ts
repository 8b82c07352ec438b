/**
 * A histogram that takes many equal observations in one call and costs a few additions: the write
 * path observes every request, which prom-client's own class makes too dear.
 * Registered beside prom-client's metrics; exposes the same text.
 * Invariant: bucket counts are per bucket here and summed up only when they are exposed.
 */
export interface HistogramSample {
  readonly labels: Record<string, string | number>
  readonly value: number
  readonly metricName: string
}

/** What a series counted: per bucket, the last for all above, and the sum of the values. */
export interface HistogramReading {
  readonly counts: readonly number[]
  readonly sum: number
}

export class HistogramSeries {
  readonly labels: Readonly<Record<string, string>>
  readonly #bounds: Float64Array
  readonly #counts: Float64Array
  #sum = 0

  constructor(labels: Readonly<Record<string, string>>, bounds: readonly number[]) {
    this.labels = labels
    this.#bounds = Float64Array.from(bounds)
    this.#counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number, count = 1): void {
    const bounds = this.#bounds
    let i = 0
    while (i < bounds.length && value > bounds[i]!) i++
    this.#counts[i]! += count
    this.#sum += value * count
  }

  read(): HistogramReading {
    return { counts: [...this.#counts], sum: this.#sum }
  }

  /** Adds what a series of another registry counted. */
  merge({ counts, sum }: HistogramReading): void {
    for (const [i, count] of counts.entries()) {
      if (i < this.#counts.length) this.#counts[i]! += count
    }
    this.#sum += sum
  }

  /** In the order Prometheus wants: buckets ascending, sum, count. */
  samples(name: string): HistogramSample[] {
    const out: HistogramSample[] = []
    let total = 0
    this.#counts.forEach((count, i) => {
      total += count
      const le = i < this.#bounds.length ? this.#bounds[i]! : '+Inf'
      out.push({ labels: { ...this.labels, le }, value: total, metricName: `${name}_bucket` })
    })
    out.push({ labels: { ...this.labels }, value: this.#sum, metricName: `${name}_sum` })
    out.push({ labels: { ...this.labels }, value: total, metricName: `${name}_count` })
    return out
  }
}

/** One histogram metric: its series by label values. */
export class HistogramMetric {
  readonly name: string
  readonly help: string
  readonly #labelNames: readonly string[]
  readonly #bounds: readonly number[]
  readonly #series = new Map<string, HistogramSeries>()

  constructor(of: {
    name: string
    help: string
    labels: readonly string[]
    buckets: readonly number[]
  }) {
    this.name = of.name
    this.help = of.help
    this.#labelNames = of.labels
    this.#bounds = of.buckets
  }

  series(values: readonly string[]): HistogramSeries {
    const key = values.join('\u0000')
    let series = this.#series.get(key)
    if (series === undefined) {
      const labels = this.#labelNames.map((name, i) => [name, values[i] ?? ''])
      series = new HistogramSeries(Object.fromEntries(labels), this.#bounds)
      this.#series.set(key, series)
    }
    return series
  }

  read(): { readonly labels: readonly string[]; readonly value: HistogramReading }[] {
    return [...this.#series.values()].map(series => ({
      labels: this.#labelNames.map(name => series.labels[name] ?? ''),
      value: series.read(),
    }))
  }

  removeWhere(name: string, value: string): void {
    for (const [key, series] of this.#series) {
      if (series.labels[name] === value) this.#series.delete(key)
    }
  }

  reset(): void {
    this.#series.clear()
  }

  /** What prom-client's registry asks of a metric. */
  async get() {
    const values = [...this.#series.values()].flatMap(series => series.samples(this.name))
    return { name: this.name, help: this.help, type: 'histogram', values, aggregator: 'sum' }
  }
}
