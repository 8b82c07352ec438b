/**
 * Places in a topic as texts: where a first page begins (`newest`, `offset:42`, `time:…`), and the word by
 * which the pages beside it and the live ones are asked for.
 * Invariants: offsets are texts outside and exact numbers inside; what was not made here is refused.
 * Spec: ui 2 (`from=`), 5.7.
 */
import { badQuery } from './errors.ts'
import type { Offsets } from './record-window.ts'

export type FromPlace =
  | { readonly kind: 'newest' }
  | { readonly kind: 'oldest' }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'time'; readonly timestampMs: number }

export type PageKind = 'older' | 'newer' | 'live'

export interface PagePlace {
  readonly kind: PageKind
  /** Older: records below; newer and live: from here on. */
  readonly offsets: Offsets
}

const PAGE = /^(older|newer|live)((?:\.\d{1,10}_\d{1,16})+)$/
const PARTITIONS_MAX = 20_000

export function readFrom(text: string): FromPlace {
  if (text === 'newest' || text === 'oldest') return { kind: text }
  const offset = /^offset:(\d{1,16})$/.exec(text)?.[1]
  if (offset !== undefined && Number.isSafeInteger(Number(offset))) {
    return { kind: 'offset', offset: Number(offset) }
  }
  const time = /^time:(.+)$/.exec(text)?.[1]
  const timestampMs = time === undefined ? Number.NaN : Date.parse(time)
  if (!Number.isNaN(timestampMs)) return { kind: 'time', timestampMs }
  throw badQuery('from', 'expected newest, oldest, offset:N or time: with a time of ISO 8601')
}

export function toPage(kind: PageKind, offsets: Offsets): string {
  return kind + [...offsets].map(([partition, offset]) => `.${partition}_${offset}`).join('')
}

export function readPage(text: string): PagePlace {
  const [, kind, places] = PAGE.exec(text) ?? []
  const pairs = (places ?? '').split('.').slice(1, PARTITIONS_MAX)
  if (kind === undefined || pairs.length === 0) {
    throw badQuery('page', 'expected the position of an answer')
  }
  const offsets = new Map(
    pairs.map(one => {
      const [partition, offset] = one.split('_')
      return [Number(partition), Number(offset)] as const
    }),
  )
  return { kind: kind as PageKind, offsets }
}
