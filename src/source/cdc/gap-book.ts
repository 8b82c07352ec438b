/**
 * Gaps: changes that were made and will not be delivered, with their bounds. Announced in the log when
 * they are found and kept until somebody closes them.
 * Used by Capture: for segments that vanished unread, tables and nodes that do not log for capture,
 * and queues that were full.
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
    const id = (this.list().at(-1)?.id ?? 0) + 1
    const made: Gap = {
      ...{ id, kind, subject, node, fromSegment, toSegment, channels, reason },
      ...{ fromTime: timeOf(gap.fromMs), toTime: timeOf(gap.toMs) },
      ...{ seenAt: new Date().toISOString(), state: 'open' },
    }
    this.#put(made)
    const bounds = `from ${made.fromTime ?? 'an unknown time'} to ${made.toTime ?? 'now, and it goes on'}`
    this.#logger.error(
      `gap ${id}: changes are missing, ${bounds}, in ${channels.join(', ') || 'no channel'}: ${reason}`,
      new ScamanderError(CDC_ERRORS.GAP, reason),
    )
    return made
  }

  /** One that goes on has come to its end, or reaches further. */
  extend(id: number, toMs: number, reason?: string): void {
    const gap = this.list().find(one => one.id === id)
    if (gap === undefined) return
    this.#put({ ...gap, toTime: timeOf(toMs), ...(reason === undefined ? {} : { reason }) })
  }

  acknowledge(id: number): Gap {
    const gap = this.list().find(one => one.id === id)
    if (gap === undefined) {
      const message = `gap: expected one of those listed, found ${id}`
      throw new ScamanderError(CDC_ERRORS.SETTING, message)
    }
    const acknowledged: Gap = { ...gap, state: 'acknowledged' }
    this.#put(acknowledged)
    return acknowledged
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

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
