/**
 * Gaps: changes that were made and will not be delivered, with their bounds. Announced in the log when
 * they are found and kept until somebody closes them.
 * Used by Capture: for segments that vanished unread, tables and nodes that do not log for capture,
 * and queues that were full.
 * Segments that vanished are only suspected at first: other replicas may have the same changes.
 * Invariant: what is going on is one gap that grows, not many.
 * Spec: cdc-replication 6.4.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { ConfStore } from './capture-conf.ts'
import { CDC_ERRORS } from './errors.ts'
import type { Gap } from './state/records.ts'

export interface NewGap {
  readonly kind: Gap['kind']
  /** What it is about, to find one that goes on. */
  readonly subject?: string
  readonly node?: string
  readonly fromSegment?: string
  readonly toSegment?: string
  /** Changes before this moment are not concerned. */
  readonly fromMs: number | undefined
  /** Undefined: it goes on. */
  readonly toMs: number | undefined
  readonly channels: readonly string[]
  readonly reason: string
}

export class GapBook {
  readonly #store: ConfStore
  readonly #logger: Logger

  constructor(store: ConfStore, logger: Logger) {
    this.#store = store
    this.#logger = logger
  }

  /** Oldest first; those of older releases lack some members. */
  list(): Gap[] {
    const stored = this.#store.readAll<Partial<Gap> & Pick<Gap, 'id'>>('gap')
    return stored.map(one => ({ ...UNKNOWN, ...one })).sort((a, b) => a.id - b.id)
  }

  open(gap: NewGap): Gap {
    const {
      kind,
      subject = '',
      node = '',
      fromSegment = '',
      toSegment = '',
      channels,
      reason,
    } = gap
    const all = this.list()
    const neighbour = all.findLast(one => isNeighbour(one, gap))
    if (neighbour !== undefined) return this.#grow(neighbour, gap)
    const id = (all.at(-1)?.id ?? 0) + 1
    const made: Gap = {
      ...{ id, kind, subject, node, fromSegment, toSegment, channels, reason },
      ...{ fromTime: timeOf(gap.fromMs), toTime: timeOf(gap.toMs) },
      seenAt: new Date().toISOString(),
      state: kind === 'segments' ? 'suspected' : 'open',
    }
    this.#put(made)
    if (made.state === 'open') this.#alarm(made)
    else {
      const what = `${boundsOf(made)}: ${reason}; other replicas are asked`
      this.#logger.warn(`gap ${id}: changes of one node may be missing, ${what}`)
    }
    return made
  }

  /** No other replica has given what is missing; `mayHeal`: one still may. */
  confirm(id: number, mayHeal = false): void {
    const gap = this.#find(id)
    if (gap === undefined) return
    this.#put({ ...gap, state: 'open', mayHeal })
    if (gap.state !== 'open') this.#alarm(gap)
  }

  /** The other replicas have given what one node has not. */
  heal(id: number): void {
    const gap = this.#find(id)
    if (gap === undefined) return
    this.#put({ ...gap, state: 'healed' })
    this.#logger.info(`gap ${id} is healed: the other replicas gave the changes, ${boundsOf(gap)}`)
  }

  /** One that goes on has come to its end, or reaches further. */
  extend(id: number, toMs: number, reason?: string): void {
    const gap = this.#find(id)
    if (gap === undefined) return
    this.#put({ ...gap, toTime: timeOf(toMs), ...(reason === undefined ? {} : { reason }) })
  }

  acknowledge(id: number): Gap {
    const gap = this.#find(id)
    if (gap === undefined) {
      const message = `gap: expected one of those listed, found ${id}`
      throw new ScamanderError(CDC_ERRORS.SETTING, message)
    }
    const acknowledged: Gap = { ...gap, state: 'acknowledged' }
    this.#put(acknowledged)
    return acknowledged
  }

  /** More of the same node vanished. */
  #grow(gap: Gap, { fromSegment = '', toSegment = '', fromMs, toMs, channels }: NewGap): Gap {
    const later = BigInt(toSegment) > BigInt(gap.toSegment) ? toSegment : gap.toSegment
    const earlier = BigInt(fromSegment) < BigInt(gap.fromSegment) ? fromSegment : gap.fromSegment
    const grown: Gap = {
      ...{ ...gap, fromSegment: earlier, toSegment: later, toTime: timeOf(toMs) },
      fromTime: earlierOf(gap.fromTime, timeOf(fromMs)),
      channels: [...new Set([...gap.channels, ...channels])],
    }
    this.#put(grown)
    return grown
  }

  #alarm(gap: Gap): void {
    const { id, channels, reason } = gap
    const where = channels.join(', ') || 'no channel'
    this.#logger.error(
      `gap ${id}: changes are missing, ${boundsOf(gap)}, in ${where}: ${reason}`,
      new ScamanderError(CDC_ERRORS.GAP, reason),
    )
  }

  #find(id: number): Gap | undefined {
    return this.list().find(one => one.id === id)
  }

  #put(gap: Gap): void {
    this.#store.put('gap', String(gap.id), gap)
  }
}

const UNKNOWN: Omit<Gap, 'id'> = {
  ...{
    kind: 'segments',
    subject: '',
    node: '',
    fromSegment: '',
    toSegment: '',
    fromTime: null,
    toTime: null,
  },
  ...{ channels: [], seenAt: '', state: 'open', reason: '' },
}

function boundsOf({ fromTime, toTime }: Gap): string {
  return `from ${fromTime ?? 'an unknown time'} to ${toTime ?? 'now, and it goes on'}`
}

/** Of the same node, touching it, and not settled yet. */
function isNeighbour(gap: Gap, { kind, node, fromSegment, toSegment }: NewGap): boolean {
  if (kind !== 'segments' || gap.kind !== kind || gap.node !== node) return false
  if (gap.state !== 'suspected' && gap.state !== 'open') return false
  if (![gap.fromSegment, gap.toSegment, fromSegment, toSegment].every(isNumber)) return false
  return (
    BigInt(fromSegment!) <= BigInt(gap.toSegment) + 1n &&
    BigInt(toSegment!) >= BigInt(gap.fromSegment) - 1n
  )
}

function isNumber(text: string | undefined): boolean {
  return /^\d+$/.test(text ?? '')
}

/** Null, an unknown time, is before all. */
function earlierOf(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return null
  return a < b ? a : b
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
