/**
 * Keeps change events of Debezium's connector for Cassandra in test/golden/debezium-records.json:
 * `node scripts/golden/capture-debezium-records.ts --sandbox DIR write`, then run its
 * CassandraConnectorTask on the node of that sandbox (topic.prefix bezium, snapshot.mode NEVER, JSON
 * with schemas), then `... --sandbox DIR read --origin "debezium-connector-cassandra-5 X"`.
 * The statements are test/golden/debezium-cases.ts.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { Client } from 'cassandra-driver'
import { readDescription } from '../../src/sandbox/index.ts'
import {
  DEBEZIUM_DDL,
  DEBEZIUM_KEYSPACE,
  DEBEZIUM_PREFIX,
  DEBEZIUM_STATEMENTS,
  DEBEZIUM_TABLES,
} from '../../test/golden/debezium-cases.ts'
import { readWholeTopic } from '../../test/support/topic-records.ts'

const OUTPUT = new URL('../../test/golden/debezium-records.json', import.meta.url)

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sandbox: { type: 'string', default: '.' },
    origin: { type: 'string', default: 'unknown' },
  },
})
const { cassandra, kafka } = (await readDescription(values.sandbox))!
if (positionals[0] === 'write') {
  const client = new Client({
    contactPoints: [...cassandra!.contactPoints],
    localDataCenter: cassandra!.localDatacenter,
    protocolOptions: { port: cassandra!.port, maxVersion: 4 },
  })
  await client.execute(
    `CREATE KEYSPACE ${DEBEZIUM_KEYSPACE} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
  )
  await client.execute(`USE ${DEBEZIUM_KEYSPACE}`)
  for (const statement of [...DEBEZIUM_DDL, ...DEBEZIUM_STATEMENTS]) await client.execute(statement)
  await client.shutdown()
} else {
  const records = []
  for (const table of DEBEZIUM_TABLES) {
    const topic = `${DEBEZIUM_PREFIX}.${DEBEZIUM_KEYSPACE}.${table}`
    const seen = await readWholeTopic(kafka!.bootstrapServers, topic, 30_000)
    for (const { key, value } of seen) records.push({ table, key, value })
  }
  const lines = records.map(record => JSON.stringify(record)).join(',\n')
  const origin = JSON.stringify(values.origin)
  await writeFile(OUTPUT, `{"origin":${origin},\n"records":[\n${lines}\n]}\n`)
  process.stdout.write(`${records.length} records written\n`)
}
