/**
 * Names of the files in the commit-log and `cdc_raw` folders, and the content of the index file.
 * Called by whoever lists these folders; pure functions over text.
 * Invariant: segments sort by their numeric id, never by name.
 * Spec: commit-log, sections 2 and 4.2.
 */
export interface SegmentName {
  readonly version: number
  readonly segmentId: bigint
}

/** What `CommitLog-<v>-<id>_cdc.idx` says. */
export interface CdcIndex {
  /** Logical offset up to which data is durable. */
  readonly position: number
  readonly isCompleted: boolean
}

const SEGMENT = /^CommitLog-(\d+)-(\d+)\.log$/
const CDC_INDEX = /^CommitLog-(\d+)-(\d+)_cdc\.idx$/
const INDEX_TEXT = /^(\d{1,15})(\nCOMPLETED)?$/

/** The parts of a segment's file name; undefined for any other file. */
export function parseSegmentName(name: string): SegmentName | undefined {
  return namePartsOf(SEGMENT.exec(name))
}

/** The segment to which an index file belongs; undefined for any other file. */
export function parseCdcIndexName(name: string): SegmentName | undefined {
  return namePartsOf(CDC_INDEX.exec(name))
}

export function cdcIndexNameOf({ version, segmentId }: SegmentName): string {
  return `CommitLog-${version}-${segmentId}_cdc.idx`
}

/** For `sort`: oldest segment first. */
export function compareSegments(a: SegmentName, b: SegmentName): number {
  if (a.segmentId === b.segmentId) return 0
  return a.segmentId < b.segmentId ? -1 : 1
}

/** The content of an index file; undefined while the server is rewriting it: read it again. */
export function parseCdcIndex(text: string): CdcIndex | undefined {
  const found = INDEX_TEXT.exec(text)
  if (found === null) return undefined
  return { position: Number(found[1]), isCompleted: found[2] !== undefined }
}

function namePartsOf(found: RegExpExecArray | null): SegmentName | undefined {
  if (found === null) return undefined
  return { version: Number(found[1]), segmentId: BigInt(found[2]!) }
}
