/**
 * What a conversion of a configuration gives: entries in the other dialect, and remarks about what
 * is lost or behaves differently. Filled by the converters of this folder.
 * Invariant: every key of the given configuration is either used or left to the caller: nothing
 * vanishes. Spec: issue of the KCQL sinks, `scamander convert config`.
 */
export interface ConversionRemark {
  /** lost: nothing says the same in the other dialect. differs: it works, but not exactly alike. */
  readonly kind: 'lost' | 'differs'
  readonly key: string
  readonly text: string
}

export interface Conversion {
  readonly entries: ReadonlyMap<string, string>
  readonly remarks: readonly ConversionRemark[]
  /** Keys of the given configuration that were dealt with. */
  readonly used: ReadonlySet<string>
}

export class ConversionWriter implements Conversion {
  readonly entries = new Map<string, string>()
  readonly remarks: ConversionRemark[] = []
  readonly used = new Set<string>()
  readonly #source: ReadonlyMap<string, { readonly value: string }>

  constructor(entries: ReadonlyMap<string, { readonly value: string }>) {
    this.#source = entries
  }

  /** The trimmed value of a key, which counts as used; undefined when it is absent or empty. */
  take(...keys: readonly string[]): string | undefined {
    let value: string | undefined
    for (const key of keys) {
      const entry = this.#source.get(key)
      if (entry === undefined) continue
      this.used.add(key)
      const text = entry.value.trim()
      if (text !== '') value ??= text
    }
    return value
  }

  keys(): string[] {
    return [...this.#source.keys()].filter(key => !this.used.has(key))
  }

  set(key: string, value: string | undefined): void {
    if (value !== undefined) this.entries.set(key, value)
  }

  lost(key: string, text: string): void {
    this.remarks.push({ kind: 'lost', key, text })
  }

  differs(key: string, text: string): void {
    this.remarks.push({ kind: 'differs', key, text })
  }
}
