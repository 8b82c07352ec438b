/**
 * The line between an end and its flow: as wide as the logarithm of the rate, with a dot that moves while
 * records do; an arrow where motion is not wanted. Used by the map of Home.
 * Invariants: nothing moves at a rate of 0 or one that is not known; it tells nothing that words do not.
 * Spec: ui 3 (Motion), 4.9, 5.1.
 */
import type { CSSProperties } from 'react'

interface FlowEdgeProps {
  /** Records per second. */
  readonly rate: number | undefined
  readonly state: string
}

const LENGTH = 32
const MIDDLE = 6
const WIDTH_MAX = 5
const SPEED_MIN = 8
const SPEED_MAX = 48
/** From here on nothing gets faster. */
const DECADES = 5

const ROLES: Readonly<Record<string, string>> = {
  ...{ FAILED: 'error', DEGRADED: 'warn', BEHIND: 'warn', PARTIAL: 'warn', WARNING: 'warn' },
  ...{ PAUSED: 'paused', STOPPED: 'off' },
}

export function FlowEdge({ rate, state }: FlowEdgeProps) {
  const isMoving = rate !== undefined && rate > 0
  const part = isMoving ? Math.min(1, Math.log10(1 + rate) / DECADES) : 0
  const speed = SPEED_MIN + part * (SPEED_MAX - SPEED_MIN)
  const style = {
    '--edge-width': String(1 + part * (WIDTH_MAX - 1)),
    '--edge-seconds': `${(LENGTH / speed).toFixed(2)}s`,
  }
  return (
    <span className="sc-flow-edge" data-moving={isMoving} data-role={ROLES[state] ?? 'ok'}>
      <svg
        viewBox={`0 0 ${LENGTH} ${MIDDLE * 2}`}
        aria-hidden="true"
        style={style as CSSProperties}
      >
        <path className="sc-edge-line" d={`M0 ${MIDDLE}H${LENGTH}`} />
        {isMoving && <circle className="sc-edge-dot" cx="0" cy={MIDDLE} r="4" />}
        {isMoving && (
          <path
            className="sc-edge-arrow"
            d={`M${LENGTH - 8} ${MIDDLE - 5}L${LENGTH - 1} ${MIDDLE}L${LENGTH - 8} ${MIDDLE + 5}`}
          />
        )}
      </svg>
    </span>
  )
}
