/**
 * What opening a section means, the bound on what one may open to, and the error when it does not.
 * Shared by the compressed and the encrypted form.
 * Invariant: no announced length is allocated before it was compared with the bound.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { COMMITLOG_ERRORS } from './errors.ts'

/** The content of the section whose bytes after the marker are `bytes[start..end)`. */
export type SectionCodec = (bytes: Buffer, start: number, end: number) => Buffer

/** Cassandra's segments are at most 2 GiB and usually 32 MiB; a section is a part of one. */
export const SECTION_BYTES_MAX = 1 << 29

export function brokenSection(what: string, cause?: unknown): ScamanderError {
  return new ScamanderError(COMMITLOG_ERRORS.SECTION, `section: ${what}`, { cause })
}
