/**
 * Reads numbers back from the Prometheus text that the worker shows under /metrics, so that the demo
 * sees what anybody with curl sees. Called about once a second with the whole text.
 * Invariant: histograms' parts are names of their own; comments and unknown lines are skipped.
 */

export interface MetricSample {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g

export function readMetricText(text: string): MetricSample[] {
  const samples: MetricSample[] = []
  for (const line of text.split('\n')) {
    const match = line.startsWith('#') ? null : LINE.exec(line)
    if (match === null) continue
    const [, name = '', labelText = '', value = ''] = match
    const labels = new Map<string, string>()
    for (const [, label = '', raw = ''] of labelText.matchAll(LABEL)) labels.set(label, raw)
    samples.push({ name, labels, value: Number(value) })
  }
  return samples
}

/** The sum of one metric over all series whose labels have these values. */
export function sumOf(
  samples: readonly MetricSample[],
  name: string,
  where: Readonly<Record<string, string>>,
): number {
  const wanted = Object.entries(where)
  let sum = 0
  for (const sample of samples) {
    if (sample.name !== name) continue
    if (wanted.every(([label, value]) => sample.labels.get(label) === value)) sum += sample.value
  }
  return sum
}
