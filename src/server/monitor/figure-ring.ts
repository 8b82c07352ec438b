/**
 * Points over time in a fixed space: each second for fifteen minutes, each ten seconds for a day.
 * Used by the history of a worker's figures.
 * Invariants: never more points than fit; a coarse point is the average of the known fine ones in it.
 * Spec: ui 6 (kept in memory).
 */
import type { WorkerFigure, WorkerFigures, WorkerPoint } from '../../api-v1-monitor.ts'

export const FIGURES: readonly WorkerFigure[] = [
  ...(['read', 'written', 'failed', 'deadLetters', 'lag'] as const),
  ...(['writeMsP50', 'writeMsP99', 'memory', 'loopMsP99', 'cpu'] as const),
]

const FINE_POINTS = 15 * 60
const COARSE_SECONDS = 10
const COARSE_POINTS = (24 * 3_600) / COARSE_SECONDS

export class FigureRing {
  readonly #fine: WorkerPoint[] = []
  readonly #coarse: WorkerPoint[] = []
  #open: WorkerPoint[] = []

  add(point: WorkerPoint): void {
    this.#fine.push(point)
    if (this.#fine.length > FINE_POINTS) this.#fine.shift()
    const slot = Math.floor(point.at / COARSE_SECONDS)
    const first = this.#open[0]
    if (first !== undefined && Math.floor(first.at / COARSE_SECONDS) !== slot) {
      this.#coarse.push(averageOf(this.#open))
      if (this.#coarse.length > COARSE_POINTS) this.#coarse.shift()
      this.#open = []
    }
    this.#open.push(point)
  }

  /** Since a time, in seconds since 1970: fine points where they reach back far enough, else coarse. */
  since(at: number, nowAt: number): WorkerFigures {
    const isFine = nowAt - at <= FINE_POINTS || this.#fine.length < FINE_POINTS
    const points = (isFine ? this.#fine : this.#coarse).filter(one => one.at >= at)
    const series = FIGURES.map(figure => [figure, points.map(one => one.values[figure])])
    return {
      times: points.map(one => one.at),
      series: Object.fromEntries(series) as WorkerFigures['series'],
    }
  }
}

function averageOf(points: readonly WorkerPoint[]): WorkerPoint {
  const of = (figure: WorkerFigure) => {
    const known = points.flatMap(({ values }) => values[figure] ?? [])
    return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0) / known.length
  }
  const values = Object.fromEntries(FIGURES.map(figure => [figure, of(figure)]))
  return { at: points[0]?.at ?? 0, values: values as WorkerPoint['values'] }
}
