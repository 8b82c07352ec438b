/**
 * Runs the sandbox without the rest of the product: `node src/sandbox/main.ts up|down|status`.
 * For work on the product itself; people use `scamander sandbox`, which calls the same functions.
 * Exit codes as everywhere: 2 for wrong options, 1 and 4 for servers that do not start.
 */
import { parseArgs } from 'node:util'
import { isScamanderError, messageOf } from '../base/scamander-error.ts'
import { sandboxDown, sandboxStatus, sandboxUp } from './command.ts'
import type { CommitlogSync, CompatibilityMode } from './options.ts'
import type { CassandraLine } from './release.ts'

const USAGE = `usage: main.ts up [--dir D] [--cassandra 5.0|4.1|4.0|none] [--nodes N] [--auth] [--tls]
                [--tls-client-auth] [--no-kafka] [--heap-mb N] [--datacenter NAME]
                [--storage-compatibility-mode MODE] [--commitlog-sync periodic|batch] [--cassandra-port P] [--kafka-port P]
                [--detach] [--json]
       main.ts down [--dir D]
       main.ts status [--dir D] [--json]`

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      dir: { type: 'string' },
      cassandra: { type: 'string' },
      nodes: { type: 'string' },
      auth: { type: 'boolean' },
      tls: { type: 'boolean' },
      'tls-client-auth': { type: 'boolean' },
      'no-kafka': { type: 'boolean' },
      'heap-mb': { type: 'string' },
      datacenter: { type: 'string' },
      'storage-compatibility-mode': { type: 'string' },
      'commitlog-sync': { type: 'string' },
      'cassandra-port': { type: 'string' },
      'kafka-port': { type: 'string' },
      detach: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  })
  const dir = values.dir === undefined ? {} : { dir: values.dir }
  const json = { json: values.json ?? false }
  if (positionals[0] === 'down') return await sandboxDown(dir)
  if (positionals[0] === 'status') return await sandboxStatus({ ...dir, ...json })
  if (positionals[0] !== 'up') {
    process.stderr.write(`${USAGE}\n`)
    return 2
  }
  const { cassandra, datacenter } = values
  const sync = values['commitlog-sync']
  const mode = values['storage-compatibility-mode']
  const cassandraPort = numberOf('cassandra', values['cassandra-port'])
  return await sandboxUp({
    ...dir,
    ...json,
    ...(cassandra && { cassandra: cassandra === 'none' ? false : (cassandra as CassandraLine) }),
    ...numberOf('nodes', values.nodes),
    auth: values.auth ?? false,
    tls: values.tls ?? false,
    tlsClientAuth: values['tls-client-auth'] ?? false,
    kafka: !(values['no-kafka'] ?? false),
    ...numberOf('heapMb', values['heap-mb']),
    ...(datacenter && { datacenter }),
    ...(sync && { commitlogSync: sync as CommitlogSync }),
    ...(mode && { storageCompatibilityMode: mode as CompatibilityMode }),
    ports: { ...cassandraPort, ...numberOf('kafka', values['kafka-port']) },
    detach: values.detach ?? false,
  })
}

function numberOf(name: string, text: string | undefined): Record<string, number> {
  return text === undefined ? {} : { [name]: Number(text) }
}

const EXIT_CODES: Readonly<Record<string, number>> = { config: 2, request: 2, retriable: 4 }

try {
  process.exitCode = await run(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`)
  if (isScamanderError(error)) process.stderr.write(`${error.advice}\n`)
  process.exitCode = isScamanderError(error) ? (EXIT_CODES[error.kind] ?? 1) : 2
}
