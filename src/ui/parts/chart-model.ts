/**
 * What a chart shows of its series: at most six lines, the present values, and the data as CSV.
 * Used by time-chart.tsx and chart-canvas.tsx. Spec: ui 3 (Charts), 4.8.
 * Invariant: a value that is not known is a dash or an empty cell, never 0.
 */
import { csvCell } from './data-grid/grid-model.ts'
import { toCount, UNKNOWN } from './format.ts'
import type { ChartSeries } from './time-chart.tsx'
import { intlZone } from './zone.ts'

const SERIES_MAX = 6
const TIGHT_FROM = 10_000

/** The variable of a colour. */
export function colourOf({ colour }: ChartSeries, index: number): string {
  return colour === 'error' ? '--error' : `--series-${colour ?? (index % SERIES_MAX) + 1}`
}

/** With more than six: the five with the highest present value, and the sum of the others. */
export function shownSeries(all: readonly ChartSeries[]): readonly ChartSeries[] {
  if (all.length <= SERIES_MAX) return all
  const sorted = all.toSorted((a, b) => (lastOf(b.values) ?? 0) - (lastOf(a.values) ?? 0))
  const others = sorted.slice(SERIES_MAX - 1)
  const values = (others[0]?.values ?? []).map((_value, index) => {
    const known = others.flatMap(one => one.values[index] ?? [])
    return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0)
  })
  return [...sorted.slice(0, SERIES_MAX - 1), { name: `${others.length} others`, values }]
}

export function lastOf(values: readonly (number | null)[]): number | null {
  return values.at(-1) ?? null
}

/** 12,481 · 48.2k · 0.4 · 1.24M, with its unit. */
export function toShort(value: number | null, unit = ''): string {
  if (value === null || !Number.isFinite(value)) return UNKNOWN
  const text = numberText(value)
  return unit === '' ? text : `${text}${unit.startsWith('/') ? '' : ' '}${unit}`
}

function numberText(value: number): string {
  const size = Math.abs(value)
  if (size >= 1_000_000) return `${(value / 1_000_000).toPrecision(3)}M`
  if (size >= TIGHT_FROM) return `${(value / 1_000).toPrecision(3)}k`
  if (size >= 100 || Number.isInteger(value)) return toCount(Math.round(value))
  return size >= 0.1 ? String(Number(value.toPrecision(2))) : value.toPrecision(1)
}

/** The clock of the shown zone. */
export function shownTime(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', intlZone())
}

export function chartCsv(times: readonly number[], series: readonly ChartSeries[]): string {
  const head = ['time', ...series.map(one => one.name)].map(csvCell).join(',')
  const rows = times.map((at, index) =>
    [new Date(at * 1000).toISOString(), ...series.map(one => one.values[index] ?? '')].join(','),
  )
  return `${[head, ...rows].join('\n')}\n`
}
