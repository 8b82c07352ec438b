/**
 * Types for Buffer's native text methods, which Node has and its type package does not list.
 * They skip the argument checks of `toString` and `write`, which matter once per cell.
 * Imported for its types by ByteWriter and the decoders; no run-time content.
 */
declare global {
  interface Buffer {
    /** Writes UTF-8 at `offset`; returns the bytes written. */
    utf8Write(text: string, offset: number, length?: number): number
    utf8Slice(start: number, end: number): string
    latin1Slice(start: number, end: number): string
    latin1Write(text: string, offset: number, length?: number): number
  }
}

export type {}
