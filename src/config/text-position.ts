/**
 * Turns offsets of a text into lines and columns (both from 1, columns in UTF-16 units).
 * Used by the JSON and properties readers. A line ends at LF, CR or CR LF.
 * Built once per text; each look-up is a binary search.
 */
import type { Location } from './lint.ts'

export class TextPositions {
  readonly #starts: number[] = [0]
  readonly #file: string | undefined

  constructor(text: string, file?: string) {
    this.#file = file
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at)
      if (code === 13 && text.charCodeAt(at + 1) === 10) continue
      if (code === 10 || code === 13) this.#starts.push(at + 1)
    }
  }

  at(offset: number): Location {
    let low = 0
    let high = this.#starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#starts[middle]! <= offset) low = middle
      else high = middle - 1
    }
    const place = { line: low + 1, column: offset - this.#starts[low]! + 1 }
    return this.#file === undefined ? place : { file: this.#file, ...place }
  }
}
