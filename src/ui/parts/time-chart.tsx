/**
 * A chart over time: title, lines, the present value of each line, and the same data as a table and as
 * CSV. Used wherever figures are shown over time; the drawing itself is loaded when first needed.
 * Invariants: gaps stay gaps; what is not known is a dash; every value is also there as text, and the
 * arrow keys reach each moment.
 * Spec: ui 3 (Charts), 4.9, 7.
 */
import './chart.css'
import { Skeleton } from '@mantine/core'
import { Suspense, useId, useState } from 'react'
import { chartCsv, colourOf, lastOf, shownSeries, shownTime, toShort } from './chart-model.ts'
import { lazyPart } from './lazy-part.tsx'

const Canvas = lazyPart(async () => (await import('./chart-canvas.tsx')).ChartCanvas)

export interface ChartSeries {
  readonly name: string
  /** One value per time; null: not known then. */
  readonly values: readonly (number | null)[]
  /** 1 to 6, or the colour of errors. @default its place in the list */
  readonly colour?: 1 | 2 | 3 | 4 | 5 | 6 | 'error'
}

export interface ChartMark {
  /** Seconds since 1970. */
  readonly at: number
  readonly text: string
}

export interface TimeChartProps {
  /** Stable, for tests: `chart[name]`. */
  readonly name: string
  readonly title: string
  /** Behind values and in the title of the axis: "/s", "ms", "records". */
  readonly unit: string
  /** Seconds since 1970, ascending. */
  readonly times: readonly number[]
  readonly series: readonly ChartSeries[]
  readonly marks?: readonly ChartMark[]
  /** @default 160 */
  readonly height?: number
  /** Below the title: the metric's name, for example. */
  readonly note?: React.ReactNode
}

/** More points than anyone reads in a table. */
const ROWS_MAX = 120
const NO_MARKS: readonly ChartMark[] = []

export function TimeChart(props: TimeChartProps) {
  const { name, title, unit, times, height = 160, note, marks = NO_MARKS } = props
  const titleId = useId()
  const [isTable, setTable] = useState(false)
  const series = shownSeries(props.series)
  return (
    <section
      className="sc-card sc-card-body sc-chart"
      aria-labelledby={titleId}
      data-testid="chart"
      data-key={name}
    >
      <h2 id={titleId} className="sc-card-title">
        {title} <span className="sc-quiet sc-chart-unit">{unit}</span>
      </h2>
      {note !== undefined && <div className="sc-quiet sc-chart-note">{note}</div>}
      {isTable ? (
        <ChartTable title={title} unit={unit} times={times} series={series} />
      ) : (
        <div className="sc-chart-body">
          <Suspense fallback={<Skeleton height={height} />}>
            <Canvas {...{ title, unit, times, series, marks, height }} />
          </Suspense>
          <Values unit={unit} series={series} />
        </div>
      )}
      <div className="sc-chart-foot">
        <button
          type="button"
          className="sc-text-button"
          aria-pressed={isTable}
          onClick={() => setTable(!isTable)}
          data-testid="chart-table"
        >
          {isTable ? 'Chart' : 'Table'}
        </button>
        <button
          type="button"
          className="sc-text-button"
          onClick={() => download(`${name}.csv`, chartCsv(times, series))}
          data-testid="chart-csv"
        >
          CSV
        </button>
      </div>
    </section>
  )
}

/** Instead of a legend: the present value at the end of each line. */
function Values({
  unit,
  series,
}: {
  readonly unit: string
  readonly series: readonly ChartSeries[]
}) {
  return (
    <ul className="sc-chart-values">
      {series.map((one, index) => (
        <li key={one.name} data-testid="chart-value" data-key={one.name}>
          <span
            className="sc-chart-swatch"
            style={{ background: `var(${colourOf(one, index)})` }}
            aria-hidden
          />
          <span className="sc-wrap">{one.name}</span>
          <strong>{toShort(lastOf(one.values), unit)}</strong>
        </li>
      ))}
    </ul>
  )
}

interface ChartTableProps {
  readonly title: string
  readonly unit: string
  readonly times: readonly number[]
  readonly series: readonly ChartSeries[]
}

function ChartTable({ title, unit, times, series }: ChartTableProps) {
  const rows = times.map((at, index) => ({ at, index })).slice(-ROWS_MAX)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className="sc-chart-table" tabIndex={0} aria-label={`${title}, as a table`}>
      <table className="sc-grid">
        <thead>
          <tr>
            <th>Time</th>
            {series.map(one => (
              <th key={one.name} className="sc-number">
                {one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.reverse().map(({ at, index }) => (
            <tr key={at}>
              <td>{shownTime(at)}</td>
              {series.map(one => (
                <td key={one.name} className="sc-number">
                  {toShort(one.values[index] ?? null, unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function download(name: string, text: string): void {
  const link = document.createElement('a')
  link.href = `data:text/csv;charset=utf-8,${encodeURIComponent(text)}`
  link.download = name
  link.click()
}
