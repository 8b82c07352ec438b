/**
 * The numbers of a run as they are carried from its thread to the task that owns it.
 * Read in the thread, added to what the task counted before in the main thread: a task that moves
 * to another thread goes on counting.
 * Invariant: numbers told are those since the run began, so that a report that is lost loses nothing.
 */
import { SourceTaskMetrics, type Spread, type TaskMetrics } from '../../pipeline/index.ts'
import type { RunNumbers, SpreadNumbers } from './thread-messages.ts'

export type AnyTaskMetrics = TaskMetrics | SourceTaskMetrics

type MetricNumbers = Pick<RunNumbers, 'counters' | 'spreads' | 'active' | 'activeMax'>

export function readNumbers(metrics: AnyTaskMetrics): MetricNumbers {
  const spreads = Object.entries(spreadsOf(metrics)).map(
    ([name, { count, sum, min, max }]) => [name, { count, sum, min, max }] as const,
  )
  return {
    counters: { ...metrics.counters },
    spreads: Object.fromEntries(spreads),
    active: metrics.active,
    activeMax: metrics.activeMax,
  }
}

/** Sets them to what they were when the run began, and what it counted since. */
export function writeNumbers(
  metrics: AnyTaskMetrics,
  before: MetricNumbers,
  since: MetricNumbers,
): void {
  const sums = Object.keys(metrics.counters).map(
    name => [name, (before.counters[name] ?? 0) + (since.counters[name] ?? 0)] as const,
  )
  Object.assign(metrics.counters, Object.fromEntries(sums))
  for (const [name, spread] of Object.entries(spreadsOf(metrics))) {
    addSpreads(spread, before.spreads[name], since.spreads[name])
  }
  metrics.active = since.active
  metrics.activeMax = Math.max(before.activeMax, since.activeMax)
}

function addSpreads(
  spread: Spread,
  before: SpreadNumbers | undefined,
  since: SpreadNumbers | undefined,
): void {
  spread.count = (before?.count ?? 0) + (since?.count ?? 0)
  spread.sum = (before?.sum ?? 0) + (since?.sum ?? 0)
  const mins = [before, since].flatMap(one =>
    one === undefined || one.count === 0 ? [] : [one.min],
  )
  spread.min = mins.length === 0 ? 0 : Math.min(...mins)
  spread.max = Math.max(before?.max ?? 0, since?.max ?? 0)
}

function spreadsOf(metrics: AnyTaskMetrics): Record<string, Spread> {
  const { batches, commitTimes, actives } = metrics
  if (metrics instanceof SourceTaskMetrics) {
    const { polls, transactions } = metrics
    return { batches, commitTimes, actives, polls, transactions }
  }
  return { batches, commitTimes, actives, writes: metrics.writes }
}
