/**
 * Classified statements by their text, so that a repeated text is read once.
 * One per thread. Long texts are not kept; when full the older half is forgotten.
 * Invariant: at most `max` texts of at most TEXT_MAX characters.
 * Spec: live-migration 2.12.
 */
import { classify } from './classify.ts'
import type { StatementInfo } from './statement-info.ts'

const TEXT_MAX = 4_096
const DEFAULT_MAX = 2_000

export class StatementCache {
  readonly #max: number
  #young = new Map<string, StatementInfo>()
  #old = new Map<string, StatementInfo>()

  constructor(max = DEFAULT_MAX) {
    this.#max = max
  }

  get(text: string): StatementInfo {
    const known = this.#young.get(text)
    if (known !== undefined) return known
    const info = this.#old.get(text) ?? classify(text)
    if (text.length <= TEXT_MAX) this.#put(text, info)
    return info
  }

  #put(text: string, info: StatementInfo): void {
    if (this.#young.size >= this.#max / 2) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(text, info)
  }
}
