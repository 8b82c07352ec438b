/**
 * Where a page of rows begins, as one word of an address: the place in the table as the server told it.
 * Made with each page, read back with the next.
 * Invariant: what was not made here is refused, never passed on.
 */
import { badQuery } from './errors.ts'

const TEXT = /^[\w-]{1,4096}$/

export function toPageText(state: Buffer): string {
  return state.toString('base64url')
}

export function readPageText(text: string): Buffer {
  if (!TEXT.test(text)) throw badQuery('page', 'expected the position of an answer')
  return Buffer.from(text, 'base64url')
}
