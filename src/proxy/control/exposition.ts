/**
 * Merged snapshots as Prometheus text. Called for GET /metrics.
 * Timers of the Azure family have no buckets and a `_max` gauge beside count and sum.
 * Spec: live-migration 1.6, 2.13.
 */
import type { MetricDescriptor } from '../../telemetry/index.ts'
import type { SeriesSnapshot } from './meters.ts'

export function renderMetrics(
  descriptors: readonly MetricDescriptor[],
  snapshots: readonly SeriesSnapshot[],
): string {
  const lines: string[] = []
  for (const descriptor of descriptors) {
    const series = snapshots.filter(one => one.name === descriptor.name)
    if (series.length === 0) continue
    const isTimer = descriptor.kind === 'histogram' && descriptor.buckets?.length === 0
    lines.push(`# HELP ${descriptor.name} ${descriptor.help}`)
    lines.push(`# TYPE ${descriptor.name} ${isTimer ? 'summary' : descriptor.kind}`)
    for (const one of series) lines.push(...renderSeries(descriptor, one))
    if (isTimer) lines.push(...renderMaxima(descriptor, series))
  }
  return `${lines.join('\n')}\n`
}

function renderSeries(descriptor: MetricDescriptor, series: SeriesSnapshot): string[] {
  const { name, labels: names, kind, buckets = [] } = descriptor
  const pairs = names.map((label, i) => `${label}="${escapeLabel(series.labels[i] ?? '')}"`)
  if (kind !== 'histogram') return [`${name}${braces(pairs)} ${series.value}`]
  const lines: string[] = []
  let total = 0
  buckets.forEach((bound, i) => {
    total += series.buckets[i] ?? 0
    lines.push(`${name}_bucket${braces([...pairs, `le="${bound}"`])} ${total}`)
  })
  if (buckets.length > 0)
    lines.push(`${name}_bucket${braces([...pairs, 'le="+Inf"'])} ${series.count}`)
  lines.push(`${name}_count${braces(pairs)} ${series.count}`)
  lines.push(`${name}_sum${braces(pairs)} ${series.value}`)
  return lines
}

function renderMaxima(descriptor: MetricDescriptor, series: readonly SeriesSnapshot[]): string[] {
  const { name, labels: names } = descriptor
  const lines = [`# TYPE ${name}_max gauge`]
  for (const one of series) {
    const pairs = names.map((label, i) => `${label}="${escapeLabel(one.labels[i] ?? '')}"`)
    lines.push(`${name}_max${braces(pairs)} ${one.max}`)
  }
  return lines
}

function braces(pairs: readonly string[]): string {
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeLabel(value: string): string {
  return value.replace(/[\\"\n]/g, one => (one === '\n' ? '\\n' : `\\${one}`))
}
