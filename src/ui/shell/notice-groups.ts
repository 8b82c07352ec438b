/**
 * Notices as the bell shows them: by day, newest first, equal ones merged into one with its count. Pure.
 * Invariants: nothing is left out, a merged one counts all of its kind; runs that failed merge only when
 * they failed for the same reason.
 * Spec: ui 4.6.
 */
import type { Notice } from '../../api-v1.ts'
import { intlZone, shownZone } from '../parts/zone.ts'

export interface NoticeGroup {
  /** The newest of them; it is the one that is shown and opened. */
  readonly newest: Notice
  readonly count: number
  readonly isUnread: boolean
}

export interface NoticeDay {
  /** "Today", "Yesterday", "Nov 19". */
  readonly day: string
  readonly groups: readonly NoticeGroup[]
}

const DAY_MS = 86_400_000
const DATE = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', ...intlZone() })

/** `notices`: newest first, as the server tells them. */
export function toDays(notices: readonly Notice[], now = new Date()): NoticeDay[] {
  const days = new Map<string, Map<string, NoticeGroup>>()
  for (const notice of notices) {
    const day = dayOf(new Date(notice.time), now)
    const groups = days.get(day) ?? new Map<string, NoticeGroup>()
    days.set(day, groups)
    const key = sameAs(notice)
    const known = groups.get(key)
    groups.set(key, {
      newest: known?.newest ?? notice,
      count: (known?.count ?? 0) + 1,
      isUnread: known?.isUnread === true || !notice.read,
    })
  }
  return [...days].map(([day, groups]) => ({ day, groups: [...groups.values()] }))
}

/** Runs that went well are no reason for red. */
export function isTrouble({ kind, state }: Pick<Notice, 'kind' | 'state'>): boolean {
  return kind === 'problem' || state === 'FAILED' || state === 'PARTIAL'
}

/** Figures differ from run to run: of what went well the job counts, of what did not the reason too. */
export function sameAs({ kind, state, jobId, text }: Notice): string {
  const reason = isTrouble({ kind, state }) || jobId === null ? text.replaceAll(/\d+/g, '#') : ''
  return [kind, state, jobId, reason].join('\n')
}

function dayOf(at: Date, now: Date): string {
  const days = Math.round((startOf(now) - startOf(at)) / DAY_MS)
  if (days <= 0) return 'Today'
  return days === 1 ? 'Yesterday' : DATE.format(at)
}

function startOf(at: Date): number {
  if (shownZone() === 'utc') return Math.floor(at.getTime() / DAY_MS) * DAY_MS
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime()
}
