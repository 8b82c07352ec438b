/**
 * The writers of all destinations in Cassandra: one each, started, stopped and started anew as
 * destinations are made, deleted and changed.
 * Made by Capture. Invariant: one slow destination has nothing to do with another.
 * Spec: cdc-replication 1.6.
 */
import type { Trouble } from '../channel-health.ts'
import type { Destination } from '../state/records.ts'
import { DestinationWriter, type DestinationWriterParts } from './destination-writer.ts'

export class DestinationWriters {
  readonly #parts: Omit<DestinationWriterParts, 'destination'>
  readonly #running = new Map<
    string,
    { readonly shape: string; readonly writer: DestinationWriter }
  >()

  constructor(parts: Omit<DestinationWriterParts, 'destination'>) {
    this.#parts = parts
  }

  /** Lets those run that should, with the settings of now. */
  async adjust(destinations: readonly Destination[]): Promise<void> {
    const wanted = new Map(
      destinations.filter(one => one.addresses.length > 0).map(one => [one.name, one]),
    )
    const ended: Promise<void>[] = []
    for (const [name, { shape, writer }] of this.#running) {
      const destination = wanted.get(name)
      if (destination !== undefined && shapeOf(destination) === shape) continue
      this.#running.delete(name)
      ended.push(writer.stop())
    }
    await Promise.all(ended)
    for (const [name, destination] of wanted) {
      if (this.#running.has(name)) continue
      const writer = new DestinationWriter({ ...this.#parts, destination })
      this.#running.set(name, { shape: shapeOf(destination), writer })
    }
  }

  troubleOf(name: string): Trouble | undefined {
    return this.#running.get(name)?.writer.trouble
  }

  async stop(): Promise<void> {
    await this.adjust([])
  }
}

function shapeOf({ addresses, driver }: Destination): string {
  return JSON.stringify([addresses, driver])
}
