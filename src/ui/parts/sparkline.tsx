/**
 * A small line of how a figure went, beside the figure itself. Used by Home.
 * Invariants: it begins at 0; a gap stays a gap; nobody needs it to read the figure.
 * Spec: ui 3 (Sparklines).
 */
interface SparklineProps {
  readonly values: readonly (number | null)[]
  /** Of its box; it is drawn over the whole of it. */
  readonly className?: string
}

const WIDTH = 96
const HEIGHT = 20
const POINTS_MAX = 96

export function Sparkline({ values, className = 'sc-spark' }: SparklineProps) {
  return (
    <svg
      className={className}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <path d={pathOf(thinned(values))} />
    </svg>
  )
}

/** At most one point for each pixel: the highest of those that share it, so that no peak is lost. */
export function thinned(values: readonly (number | null)[]): readonly (number | null)[] {
  if (values.length <= POINTS_MAX) return values
  const size = values.length / POINTS_MAX
  return Array.from({ length: POINTS_MAX }, (_none, at) => {
    const part = values.slice(Math.floor(at * size), Math.floor((at + 1) * size))
    const known = part.filter(one => one !== null)
    return known.length === 0 ? null : Math.max(...known)
  })
}

export function pathOf(values: readonly (number | null)[]): string {
  const most = Math.max(1e-9, ...values.map(one => one ?? 0))
  const step = WIDTH / Math.max(1, values.length - 1)
  let isOpen = false
  const parts = values.map((value, at) => {
    const command = isOpen ? 'L' : 'M'
    isOpen = value !== null
    if (value === null) return ''
    const top = HEIGHT - 1 - (value / most) * (HEIGHT - 2)
    return `${command}${(at * step).toFixed(1)} ${top.toFixed(1)}`
  })
  return parts.join('')
}
