/**
 * The configurations that connectors had since the worker started, so that one can be looked at and brought
 * back. In memory, for the page; fed with the same readings as the activity.
 * Invariants: bounded per connector and in all; secrets are hidden as everywhere; the present
 * configuration is the newest version.
 * Spec: ui 5.4 (config tab), 6.
 */
import type { ExpandedConnector } from '../api.ts'
import type { ConnectorVersion } from '../api-v1-connectors.ts'

const VERSIONS_MAX = 20
const BYTES_MAX = 8_000_000

interface Kept {
  readonly at: string
  readonly by: string
  /** The configuration as JSON. */
  readonly text: string
}

export class ConnectorVersions {
  readonly #kept = new Map<string, Kept[]>()
  #bytes = 0

  /** All connectors as they are now; `byOf`: who changed one a moment ago. */
  see(all: Readonly<Record<string, ExpandedConnector>>, byOf: (name: string) => string): void {
    const isFirst = this.#kept.size === 0
    for (const [name, { info }] of Object.entries(all)) {
      if (info === undefined) continue
      const text = JSON.stringify(info.config)
      const known = this.#kept.get(name)
      if (known?.at(-1)?.text === text) continue
      const by = isFirst ? '' : byOf(name)
      this.#keep(name, known ?? [], { at: new Date().toISOString(), by, text })
    }
    for (const name of this.#kept.keys()) if (all[name] === undefined) this.#forget(name)
  }

  /** Newest first. */
  list(name: string): readonly ConnectorVersion[] {
    const kept = this.#kept.get(name) ?? []
    return kept
      .map(({ at, by, text }) => ({ at, by, config: JSON.parse(text) as Record<string, string> }))
      .reverse()
  }

  #keep(name: string, known: Kept[], version: Kept): void {
    known.push(version)
    this.#bytes += version.text.length
    this.#kept.set(name, known)
    if (known.length > VERSIONS_MAX) this.#drop(known)
    // Over the limit of all: old versions go, the present ones stay.
    for (const one of this.#kept.values()) {
      while (this.#bytes > BYTES_MAX && one.length > 1) this.#drop(one)
      if (this.#bytes <= BYTES_MAX) return
    }
  }

  #drop(versions: Kept[]): void {
    this.#bytes -= versions.shift()?.text.length ?? 0
  }

  #forget(name: string): void {
    const gone = this.#kept.get(name) ?? []
    while (gone.length > 0) this.#drop(gone)
    this.#kept.delete(name)
  }
}
