/**
 * Source connectors for tests: their settings on the test's servers, a positions file of their own,
 * and what they have written to a topic so far.
 * Used by integration and fault tests of sources.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testCassandra } from './keyspace.ts'
import type { Settings } from './standalone.ts'
import { admin, Reader } from './topic-reader.ts'

export const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'

/** Worker settings: positions in a file of their own, plain JSON. */
export function sourceWorker(more: Settings = {}): Record<string, string> {
  return {
    'offset.storage.file.filename': join(mkdtempSync(join(tmpdir(), 'scamander-it-')), 'offsets'),
    'key.converter': JSON_CONVERTER,
    'key.converter.schemas.enable': 'false',
    'value.converter': JSON_CONVERTER,
    'value.converter.schemas.enable': 'false',
    ...more,
  }
}

/** A token-range source. */
export function rangeSource(name: string, more: Settings): Record<string, string> {
  const { contactPoints, port, localDatacenter } = testCassandra()
  return {
    name,
    'connector.class': 'com.datastax.oss.kafka.source.CassandraSourceConnector',
    contactPoints: contactPoints.join(','),
    port: String(port),
    'loadBalancing.localDc': localDatacenter,
    'topic.creation.default.partitions': '1',
    'topic.creation.default.replication.factor': '1',
    ...more,
  }
}

/** A KCQL source. */
export function kcqlSource(name: string, kcql: string, more: Settings): Record<string, string> {
  const { contactPoints, port } = testCassandra()
  return {
    name,
    'connector.class': 'io.lenses.streamreactor.connect.cassandra.source.CassandraSourceConnector',
    'connect.cassandra.contact.points': contactPoints.join(','),
    'connect.cassandra.port': String(port),
    'connect.cassandra.kcql': kcql,
    'connect.cassandra.import.poll.interval': '200',
    'topic.creation.default.partitions': '1',
    'topic.creation.default.replication.factor': '1',
    ...more,
  }
}

export interface ReadRecord {
  readonly key: string | null
  readonly value: string | null
  readonly timestampMs: number
}

/** Follows one topic from its beginning; it must exist. */
export class TopicLog {
  readonly records: ReadRecord[] = []
  readonly #reader: Reader

  private constructor(reader: Reader) {
    this.#reader = reader
  }

  static async open(topic: string): Promise<TopicLog> {
    return new TopicLog(await new Reader({ topics: [topic] }).open())
  }

  /** Reads until there are `count` records. */
  async readTo(count: number, timeoutMs = 60_000): Promise<readonly ReadRecord[]> {
    const deadlineMs = performance.now() + timeoutMs
    while (this.records.length < count) {
      if (performance.now() > deadlineMs) {
        throw new Error(`waited in vain for ${count} records, found ${this.records.length}`)
      }
      await this.readOnce()
    }
    return this.records
  }

  async readOnce(): Promise<void> {
    const items = await this.#reader.readOnce()
    for (const message of items) {
      this.records.push({
        key: message.key()?.toString() ?? null,
        value: message.value()?.toString() ?? null,
        timestampMs: message.timestampMs,
      })
    }
  }
}

/** Records in a topic by its end offsets; 0 when it does not exist. */
export async function countRecords(topic: string): Promise<number> {
  const ranges = await admin().offsetRanges([topic])
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0)
}
