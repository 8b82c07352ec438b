/**
 * The lines of a chart, drawn by uPlot. Loaded by time-chart.tsx when the first chart is shown.
 * One crosshair for all charts of a page; drag zooms, double-click shows all again, the arrow keys move
 * the crosshair and the values are told at most twice a second.
 * Invariant: colours are those of the page's theme; a chart is made anew when the theme changes.
 * Spec: ui 3 (Charts), 4.9.
 */
import 'uplot/dist/uPlot.min.css'
import { useComputedColorScheme } from '@mantine/core'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import uPlot from 'uplot'
import { colourOf, shownTime, toShort } from './chart-model.ts'
import type { ChartMark, ChartSeries } from './time-chart.tsx'

interface ChartCanvasProps {
  readonly title: string
  readonly unit: string
  readonly times: readonly number[]
  readonly series: readonly ChartSeries[]
  readonly marks: readonly ChartMark[]
  readonly height: number
}

const PAGE = uPlot.sync('page')
const TOLD_MS = 500
const FONT = '12px system-ui, sans-serif'

export function ChartCanvas(props: ChartCanvasProps) {
  const { title, unit, times, series, marks, height } = props
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const latest = useRef(props)
  latest.current = props
  const scheme = useComputedColorScheme()
  const { told, tell } = useTold()
  const names = series.map((one, index) => `${one.name}${colourOf(one, index)}`).join('\n')

  // biome-ignore lint/correctness/useExhaustiveDependencies: theme and series decide what is drawn anew
  useEffect(() => {
    const host = place.current
    if (host === null) return
    const made = new uPlot(
      optionsOf(latest, host.clientWidth),
      dataOf(latest.current.times, latest.current.series),
      host,
    )
    plot.current = made
    const watch = new ResizeObserver(() => made.setSize({ width: host.clientWidth, height }))
    watch.observe(host)
    return () => {
      watch.disconnect()
      made.destroy()
    }
  }, [scheme, names, height])

  useEffect(() => plot.current?.setData(dataOf(times, series)), [times, series])
  // biome-ignore lint/correctness/useExhaustiveDependencies: marks are drawn over what is there
  useEffect(() => plot.current?.redraw(false), [marks])

  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
    const chart = plot.current
    if (step === 0 || chart === undefined || times.length === 0) return
    event.preventDefault()
    const before = chart.cursor.idx ?? times.length - 1
    const index = Math.min(times.length - 1, Math.max(0, before + step))
    const at = times[index] ?? 0
    chart.setCursor({ left: chart.valToPos(at, 'x'), top: 0 })
    const values = series.map(one => `${one.name} ${toShort(one.values[index] ?? null, unit)}`)
    tell(`${shownTime(at)}: ${values.join(', ')}`)
  }
  return (
    <div className="sc-chart-place">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move the crosshair */}
      <div ref={place} role="img" aria-label={`${title}, chart`} tabIndex={0} {...{ onKeyDown }} />
      <span className="sc-hidden" aria-live="polite">
        {told}
      </span>
    </div>
  )
}

/** Told at most twice a second, the last one always. */
function useTold() {
  const [told, setTold] = useState('')
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const next = useRef('')
  useEffect(() => () => clearTimeout(timer.current), [])
  const tell = (text: string) => {
    next.current = text
    if (timer.current !== undefined) return
    timer.current = setTimeout(() => {
      timer.current = undefined
      setTold(next.current)
    }, TOLD_MS)
  }
  return { told, tell }
}

function dataOf(times: readonly number[], series: readonly ChartSeries[]): uPlot.AlignedData {
  return [[...times], ...series.map(one => [...one.values])]
}

function optionsOf(latest: { readonly current: ChartCanvasProps }, width: number): uPlot.Options {
  const { series, unit, height } = latest.current
  const colour = (name: string) => getComputedStyle(document.body).getPropertyValue(name).trim()
  const axis: uPlot.Axis = {
    stroke: colour('--text-2'),
    font: FONT,
    ticks: { show: false },
    grid: { stroke: colour('--line'), width: 1 },
  }
  const isSingle = series.length === 1
  return {
    width,
    height,
    legend: { show: false },
    cursor: { sync: { key: PAGE.key }, points: { size: 6 }, y: false },
    scales: { y: { range: (_plot, _min, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [
      { ...axis, size: 28, grid: { show: false }, values: (_plot, all) => all.map(axisTime) },
      { ...axis, size: 56, values: (_plot, all) => all.map(one => toShort(one)) },
    ],
    series: [
      {},
      ...series.map((one, index) => {
        const stroke = colour(colourOf(one, index))
        const fill = isSingle ? { fill: `${stroke}14` } : {}
        const points = { show: one.colour === 'error' && !isSingle, size: 4 }
        return {
          label: `${one.name} ${unit}`,
          stroke,
          width: 1.5,
          points,
          spanGaps: false,
          ...fill,
        }
      }),
    ],
    hooks: { draw: [chart => drawMarks(chart, latest.current.marks, colour('--text-3'))] },
  }
}

function axisTime(seconds: number): string {
  const [hours = '', minutes = '', rest = ''] = shownTime(seconds).split(':')
  return rest === '00' ? `${hours}:${minutes}` : `${hours}:${minutes}:${rest}`
}

/** Dashed verticals, each with its word. */
function drawMarks(chart: uPlot, marks: readonly ChartMark[], colour: string): void {
  const { ctx, bbox } = chart
  const { min = 0, max = 0 } = chart.scales['x'] ?? {}
  ctx.save()
  ctx.strokeStyle = colour
  ctx.fillStyle = colour
  ctx.font = FONT
  ctx.setLineDash([4, 4])
  const right = bbox.left + bbox.width
  let freeFrom = bbox.left
  for (const { at, text } of marks.toSorted((a, b) => a.at - b.at)) {
    if (at < (min ?? 0) || at > (max ?? 0)) continue
    const x = Math.round(chart.valToPos(at, 'x', true))
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    // A word that has no room is left out; its line stays.
    const end = x + 8 + ctx.measureText(text).width
    if (x < freeFrom || end > right) continue
    ctx.fillText(text, x + 4, bbox.top + 12)
    freeFrom = end
  }
  ctx.restore()
}
