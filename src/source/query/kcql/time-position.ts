/**
 * Positions of the time modes: the latest time seen, under the name of the PK column as the
 * predecessors store it, and beside it what makes a restart exact: the rows of that millisecond, and
 * within a window where its pages go on.
 * Invariant: a position without the additions, as a predecessor left it, is understood; then the
 * boundary millisecond is read again as a whole.
 * Spec: cassandra-sink 11.5, 12 (D21).
 */
import { ScamanderError } from '../../../base/scamander-error.ts'
import type { SourceOffset } from '../../../flow/index.ts'
import { QUERY_SOURCE_ERRORS } from '../errors.ts'
import { formatOffsetTime, parseOffsetTime } from './offset-text.ts'
import { SeenRows } from './seen-rows.ts'

/** A window that is being read. */
export interface OpenWindow {
  readonly upperMs: number
  readonly pagingState: Buffer
  /** The latest rows of the window so far; undefined: none yet. */
  readonly latest: SeenRows | undefined
}

export interface TimePosition {
  /** Rows of the lower bound that were given. */
  readonly seen: SeenRows
  /** False until a row was seen or a span was passed: then the lower bound itself is excluded. */
  readonly hasRows: boolean
  readonly window: OpenWindow | undefined
  /** The end of a window that is read in several steps. */
  readonly goalMs: number | undefined
}

export function toOffset(column: string, position: TimePosition): SourceOffset {
  const { seen, hasRows, window, goalMs } = position
  const name = (addition: string) => additionName(column, addition)
  const base = {
    [column]: formatOffsetTime(seen.timeMs),
    ...(hasRows ? { [name('seen')]: seen.toStored() } : {}),
    ...(goalMs !== undefined && goalMs > (window?.upperMs ?? seen.timeMs)
      ? { [name('goal')]: formatOffsetTime(goalMs) }
      : {}),
  }
  if (window === undefined) return base
  const { upperMs, pagingState, latest } = window
  return {
    ...base,
    [name('upper')]: formatOffsetTime(upperMs),
    [name('paging')]: pagingState.toString('base64'),
    ...(latest === undefined
      ? {}
      : {
          [name('latest')]: formatOffsetTime(latest.timeMs),
          [name('latestSeen')]: latest.toStored(),
        }),
  }
}

/** The column of PK may have the name of an addition, `seen` for instance: that one gives way. */
export function additionName(column: string, addition: string): string {
  return addition === column ? `${addition} of scamander` : addition
}

/** Undefined offset: begin at `initialMs`. */
export function fromOffset(
  column: string,
  offset: SourceOffset | undefined,
  initialMs: number,
): TimePosition {
  if (offset === undefined) {
    return { seen: new SeenRows(initialMs), hasRows: false, window: undefined, goalMs: undefined }
  }
  const timeMs = timeOf(offset[column])
  if (timeMs === undefined) {
    const message = `expected an offset {"${column}": "yyyy-MM-dd HH:mm:ss.SSSZ"}, found another form`
    throw new ScamanderError(QUERY_SOURCE_ERRORS.OFFSET, message)
  }
  const addition = (name: string) => offset[additionName(column, name)]
  const seen = new SeenRows(timeMs, textsOf(addition('seen')))
  const isOurs = addition('seen') !== undefined || addition('upper') !== undefined
  // Another product's position: whether a row of that time was seen is not known.
  const hasRows = addition('seen') !== undefined || !isOurs
  return { seen, hasRows, window: windowOf(addition), goalMs: timeOf(addition('goal')) }
}

function windowOf(addition: (name: string) => unknown): OpenWindow | undefined {
  const upperMs = timeOf(addition('upper'))
  const paging = addition('paging')
  if (upperMs === undefined || typeof paging !== 'string') return undefined
  const latestMs = timeOf(addition('latest'))
  const latest =
    latestMs === undefined ? undefined : new SeenRows(latestMs, textsOf(addition('latestSeen')))
  return { upperMs, pagingState: Buffer.from(paging, 'base64'), latest }
}

function timeOf(value: unknown): number | undefined {
  return typeof value === 'string' ? parseOffsetTime(value) : undefined
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(one => typeof one === 'string') : []
}
