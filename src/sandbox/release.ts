/**
 * The server releases the sandbox can start: artefacts, exact versions, the Java they run on.
 * Used by the option check, the jar cache and the start of each server.
 * The versions are pinned: each was started and used before it was written here.
 */
export const CASSANDRA_LINES = ['5.0', '4.1', '4.0'] as const
export type CassandraLine = (typeof CASSANDRA_LINES)[number]

export interface Artefact {
  readonly group: string
  readonly name: string
  readonly version: string
}

export interface Release {
  /** Folder name in the jar cache. */
  readonly key: string
  readonly title: string
  readonly version: string
  readonly artefacts: readonly Artefact[]
  /** Major versions of Java, preferred first. */
  readonly java: readonly number[]
}

const CASSANDRA_VERSIONS: Readonly<Record<CassandraLine, string>> = {
  '5.0': '5.0.6',
  '4.1': '4.1.10',
  '4.0': '4.0.19',
}

export function cassandraRelease(line: CassandraLine): Release {
  const version = CASSANDRA_VERSIONS[line]
  return {
    key: `cassandra-${version}`,
    title: `Cassandra ${version}`,
    version,
    artefacts: [{ group: 'org.apache.cassandra', name: 'cassandra-all', version }],
    java: [17, 11],
  }
}

const KAFKA_VERSION = '4.1.1'

/** The log binding is not a dependency of the broker's artefact; without it Kafka logs nothing. */
export const KAFKA_RELEASE: Release = {
  key: `kafka-${KAFKA_VERSION}`,
  title: `Kafka ${KAFKA_VERSION}`,
  version: KAFKA_VERSION,
  artefacts: [
    { group: 'org.apache.kafka', name: 'kafka_2.13', version: KAFKA_VERSION },
    { group: 'org.apache.logging.log4j', name: 'log4j-slf4j-impl', version: '2.24.3' },
  ],
  java: [17, 21, 25],
}
