/**
 * The topics of a table's events.
 * Spec: cdc-replication 1.8 (topic, scamander.topic.map), 3.4 (Debezium's name).
 * Used by EventMaker, once per table.
 */
import { ScamanderError } from '../../../base/scamander-error.ts'
import { CDC_ERRORS } from '../errors.ts'
import type { CdcConnectorSettings } from './cdc-connector-config.ts'

/** `${destination}`, `${keyspace}`, `${table}`. */
const PLACEHOLDER = /\$\{(destination|keyspace|table)\}/g

export class TopicNames {
  readonly #settings: CdcConnectorSettings
  readonly #mapped = new Map<string, readonly string[]>()
  readonly #known = new Map<string, readonly string[]>()

  constructor(settings: CdcConnectorSettings) {
    this.#settings = settings
    for (const entry of settings.topicMap) {
      const found = /^([^:]+):(.+)$/.exec(entry.trim())
      if (found === null) {
        const message = `scamander.topic.map: expected keyspace.table:topic, found "${entry}"`
        throw new ScamanderError(CDC_ERRORS.SETTING, message)
      }
      this.#mapped.set(
        found[1]!.trim(),
        found[2]!.split('|').map(one => one.trim()),
      )
    }
  }

  /** At least one; throws when the settings name none for the table. */
  of(keyspace: string, table: string): readonly string[] {
    const name = `${keyspace}.${table}`
    let topics = this.#known.get(name)
    if (topics === undefined) {
      topics = this.#find(keyspace, table)
      this.#known.set(name, topics)
    }
    return topics
  }

  #find(keyspace: string, table: string): readonly string[] {
    const mapped = this.#mapped.get(`${keyspace}.${table}`)
    if (mapped !== undefined) return mapped
    const { topic, destination } = this.#settings
    if (topic.length > 0) {
      const names: Readonly<Record<string, string>> = { destination, keyspace, table }
      return topic.map(one => one.replace(PLACEHOLDER, (_all, name: string) => names[name]!))
    }
    const message = `scamander.topic.map: expected a topic for ${keyspace}.${table}, found none`
    throw new ScamanderError(CDC_ERRORS.SETTING, message)
  }
}
