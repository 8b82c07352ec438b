/**
 * How far a long act is, in words. Pure. Used by the tray of activity.
 * Invariants: below 100 % until it ended; what is left is told only after ten seconds.
 * Spec: ui 4.3 (progress).
 */
import type { ActivityItem } from '../../api-v1-activity.ts'
import { toCount, toDuration } from '../parts/format.ts'

const SHARE_MAX = 0.99
const LEFT_AFTER_MS = 10_000

/** 0 to 1; undefined: unknown. */
export function shareOf({ share, done, total }: ActivityItem): number | undefined {
  const known = share ?? (total === null || total === 0 ? undefined : done / total)
  return known === undefined ? undefined : Math.min(SHARE_MAX, Math.max(0, known))
}

/** "1,204 of about 4,800 rows · 25 % · about 2 min 5 s left · Issues, page 12" */
export function activityText(item: ActivityItem, forMs: number | undefined): string {
  const { done, total, text, kind, state } = item
  const noun = kind === 'replay' ? 'records' : 'rows'
  const share = shareOf(item)
  const rows =
    total === null
      ? `${toCount(done)} ${noun}`
      : `${toCount(done)} of about ${toCount(total)} ${noun}`
  const counted = kind === 'replay' ? (total === null ? '' : `${toCount(total)} ${noun}`) : rows
  const hasLeft = share !== undefined && share > 0 && forMs !== undefined && forMs >= LEFT_AFTER_MS
  const parts = [
    counted,
    share === undefined || kind === 'replay' ? '' : `${Math.floor(share * 100)} %`,
    hasLeft && kind !== 'replay' ? `about ${toDuration((forMs * (1 - share)) / share)} left` : '',
    state === 'waiting' && text === '' ? 'waiting' : text,
  ]
  return parts.filter(one => one !== '').join(' · ')
}
