/**
 * Where the body proper of an answer starts, behind the prefixes that header flags announce, and
 * small facts read from it without decoding it.
 * Called for errors, comparisons and results that need a look.
 * Spec: live-migration 2.1.
 */
import {
  ByteReader,
  ERROR_CODE,
  FRAME_FLAG,
  int32At,
  OPCODE,
  RESULT_KIND,
  readStringList,
  take,
} from '../../cql/index.ts'
import { skipCustomPayload } from '../request/request-places.ts'

export interface AnswerBytes {
  readonly flags: number
  readonly opcode: number
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
}

const PREFIXES = FRAME_FLAG.TRACING | FRAME_FLAG.WARNING | FRAME_FLAG.CUSTOM_PAYLOAD

/** Behind tracing id, warnings and custom payload. */
export function answerBodyAt(frame: AnswerBytes): number {
  if ((frame.flags & PREFIXES) === 0) return frame.start
  const reader = new ByteReader(frame.bytes, frame.start, frame.end)
  if ((frame.flags & FRAME_FLAG.TRACING) !== 0) take(reader, 16)
  if ((frame.flags & FRAME_FLAG.WARNING) !== 0) readStringList(reader)
  if ((frame.flags & FRAME_FLAG.CUSTOM_PAYLOAD) !== 0) skipCustomPayload(reader)
  return reader.position
}

/** The code of an ERROR; -1 when the frame is too short. */
export function errorCodeOf(frame: AnswerBytes): number {
  const at = answerBodyAt(frame)
  return frame.end - at < 4 ? -1 : int32At(frame.bytes, at)
}

/**
 * An ERROR that says what the request asks for cannot be: asking again soon changes nothing. What one
 * login may not, another one may.
 */
export function isRefusal(frame: AnswerBytes): boolean {
  const code = frame.opcode === OPCODE.ERROR ? errorCodeOf(frame) : -1
  if (code === ERROR_CODE.UNAUTHORIZED) return false
  return code >= ERROR_CODE.SYNTAX_ERROR && code < ERROR_CODE.UNPREPARED
}

/** The kind of a RESULT; 0 for any other frame. */
export function resultKindOf(frame: AnswerBytes): number {
  if (frame.opcode !== OPCODE.RESULT) return 0
  const at = answerBodyAt(frame)
  return frame.end - at < 4 ? 0 : int32At(frame.bytes, at)
}

export function isRows(frame: AnswerBytes): boolean {
  return resultKindOf(frame) === RESULT_KIND.ROWS
}

/** Do two answers say the same? With `onlyMessage` prefixes are left aside. */
export function isSameAnswer(a: AnswerBytes, b: AnswerBytes, onlyMessage: boolean): boolean {
  if (a.opcode !== b.opcode) return false
  const aStart = onlyMessage ? answerBodyAt(a) : a.start
  const bStart = onlyMessage ? answerBodyAt(b) : b.start
  const length = a.end - aStart
  if (length !== b.end - bStart) return false
  if (length > SHORT_BYTES) {
    return a.bytes.compare(b.bytes, bStart, b.end, aStart, a.end) === 0
  }
  for (let i = 0; i < length; i++) {
    if (a.bytes[aStart + i] !== b.bytes[bStart + i]) return false
  }
  return true
}

/** Up to here a loop is cheaper than the native call; the answer to a write has four bytes. */
const SHORT_BYTES = 32
