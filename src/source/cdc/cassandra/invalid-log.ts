/**
 * Where changes go that a destination in Cassandra does not take: a file per channel, the log, or
 * nowhere. Values are not written, only the statement with its marks.
 * Used by DestinationWriter. Invariant: they are counted whatever is chosen.
 * Spec: cdc-replication 9.1.
 */
import { appendFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { messageOf } from '../../../base/scamander-error.ts'
import type { Logger } from '../../../telemetry/index.ts'
import type { Channel } from '../state/records.ts'

export interface InvalidLogParts {
  readonly directory: string
  readonly logger: Logger
  /** CHANNEL_LOG, SYSTEM_LOG or NONE. */
  kind(): string
}

export interface InvalidMessage {
  /** Host, segment and position. */
  readonly place: string
  readonly cql: string
  readonly error: string
}

export class InvalidLog {
  readonly #parts: InvalidLogParts

  constructor(parts: InvalidLogParts) {
    this.#parts = parts
  }

  async write(channel: Channel, messages: readonly InvalidMessage[]): Promise<void> {
    const kind = this.#parts.kind()
    if (messages.length === 0 || kind === 'NONE') return
    const { keyspace, table, destination } = channel
    const { logger, directory } = this.#parts
    const what = `${keyspace}.${table} to ${destination}`
    if (kind === 'SYSTEM_LOG') {
      for (const { place, error } of messages) {
        logger.warn(`a change of ${what} was left out: ${place}: ${error}`)
      }
      return
    }
    const path = join(directory, keyspace, table, destination, 'invalid_queries.log')
    const bucket = new Date().toISOString().slice(0, 13)
    const lines = messages.map(({ place, cql, error }) =>
      JSON.stringify({ time_bucket: bucket, id: place, cql_string: cql, error_msg: error }),
    )
    try {
      await mkdir(dirname(path), { recursive: true })
      await appendFile(path, `${lines.join('\n')}\n`)
      logger.warnLimited(`invalid ${what}`, `changes of ${what} were left out; see ${path}`)
    } catch (error) {
      logger.warn(
        `${messages.length} changes of ${what} were left out and not logged: ${messageOf(error)}`,
      )
    }
  }
}
