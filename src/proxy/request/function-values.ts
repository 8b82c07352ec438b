/**
 * Values for calls that each coordinator would evaluate for itself: as literals in the text of a
 * statement, as bound values of a prepared one. One value per call site, the same for both clusters.
 * Invariant: fresh for every request; a literal carries its type, so overloads are chosen as before.
 * Spec: live-migration 2.6.
 */
import { randomUUID } from 'node:crypto'
import { ByteWriter } from '../../base/byte-writer.ts'
import { writeFreshTimeUuid } from '../../base/time-uuid.ts'
import { formatUuid, writeUuidText } from '../../cql/index.ts'
import type { FunctionCall, FunctionResult } from '../statement/find-functions.ts'

const DAY_MS = 86_400_000
/** A date counts days from the middle of its range. */
const DATE_EPOCH = 0x80000000

/** The bytes of one value. */
export function bytesOfCall(result: FunctionResult, nowMs = Date.now()): Buffer {
  const writer = new ByteWriter(64)
  switch (result) {
    case 'timeuuid':
      writeFreshTimeUuid(writer)
      break
    case 'uuid':
      writeUuidText(writer, randomUUID())
      break
    case 'timestamp':
      writer.writeSafeInt64(nowMs)
      break
    case 'date':
      writer.writeInt32((Math.floor(nowMs / DAY_MS) + DATE_EPOCH) | 0)
      break
    case 'time':
      writer.writeSafeInt64((nowMs % DAY_MS) * 1_000_000)
      break
  }
  return Buffer.from(writer.view())
}

/** A typed literal of a fresh value. */
export function literalOf(result: FunctionResult, nowMs = Date.now()): string {
  switch (result) {
    case 'timeuuid':
    case 'uuid':
      return `(${result})${formatUuid(bytesOfCall(result), 0)}`
    case 'timestamp':
      return `(timestamp)${nowMs}`
    case 'date':
      return `(date)'${new Date(nowMs).toISOString().slice(0, 10)}'`
    case 'time':
      return `(time)'${new Date(nowMs).toISOString().slice(11, 23)}000000'`
  }
}

/** The statement as a [long string], its calls replaced by literals. */
export function writeWithLiterals(text: string, calls: readonly FunctionCall[]): Buffer {
  const replaced = Buffer.from(replaceCalls(text, calls, call => literalOf(call.result)))
  const out = Buffer.alloc(4 + replaced.length)
  out.writeInt32BE(replaced.length)
  replaced.copy(out, 4)
  return out
}

/** The text with every call replaced. */
export function replaceCalls(
  text: string,
  calls: readonly FunctionCall[],
  replacement: (call: FunctionCall, index: number) => string,
): string {
  let out = ''
  let at = 0
  calls.forEach((call, index) => {
    out += text.slice(at, call.start) + replacement(call, index)
    at = call.end
  })
  return out + text.slice(at)
}
