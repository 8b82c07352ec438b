/**
 * `scamander sandbox up|down|status`: real Cassandra and Kafka servers on this machine.
 * Parses options and calls the sandbox room, which does the work and prints the results.
 * Spec: sandbox; design, decision 3.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import {
  CASSANDRA_LINES,
  type CassandraLine,
  COMMITLOG_SYNCS,
  COMPATIBILITY_MODES,
  type CommitlogSync,
  type CompatibilityMode,
  DEFAULT_DIR,
  type SandboxUpArgs,
  sandboxDown,
  sandboxStatus,
  sandboxUp,
} from '../sandbox/index.ts'
import { type CommandContext, examples } from './command-context.ts'

interface UpOptions {
  readonly dir: string
  readonly cassandra?: CassandraLine | 'none'
  readonly nodes?: number
  readonly auth?: boolean
  readonly tls?: boolean
  readonly tlsClientAuth?: boolean
  readonly kafka: boolean
  readonly heapMb?: number
  readonly datacenter?: string
  readonly storageCompatibilityMode?: CompatibilityMode
  readonly commitlogSync?: CommitlogSync
  readonly cassandraPort?: number
  readonly kafkaPort?: number
  readonly detach?: boolean
  readonly json?: boolean
}

export function addSandboxCommand(program: Command, context: CommandContext): void {
  const sandbox = program
    .command('sandbox')
    .summary('run a real Cassandra and Kafka on this machine')
    .description(
      'Real servers as child processes, without containers. Needs Java 17 and, the first time, Maven.',
    )
    .addHelpText('after', examples('scamander sandbox up --detach', 'scamander sandbox down'))
  addUp(sandbox, context)
  withDir(sandbox.command('down'))
    .description('Stops the servers of a folder; their data stays for the next start.')
    .addHelpText('after', examples('scamander sandbox down'))
    .action(async (options: { dir: string }) => {
      context.exitCode = await sandboxDown(options)
    })
  withDir(sandbox.command('status'))
    .description('Tells what runs. Exit code 0 when all of it does, else 1.')
    .option('--json', 'print the description as JSON')
    .addHelpText('after', examples('scamander sandbox status --json | jq .kafka'))
    .action(async (options: { dir: string; json?: boolean }) => {
      context.exitCode = await sandboxStatus(options)
    })
}

function addUp(sandbox: Command, context: CommandContext): void {
  withDir(sandbox.command('up'))
    .description('Starts the servers and holds them until Ctrl-C or `sandbox down`.')
    .addOption(
      new Option('--cassandra <version>', 'release line')
        .choices([...CASSANDRA_LINES, 'none'])
        .default('5.0'),
    )
    .option('--nodes <n>', 'Cassandra nodes, 1 to 3', toNumber)
    .option('--auth', 'password login, user and password cassandra')
    .option('--tls', 'client connections by TLS only')
    .option('--tls-client-auth', 'demand client certificates; implies --tls')
    .option('--no-kafka', 'Cassandra alone')
    .option('--heap-mb <n>', 'heap of each Cassandra node', toNumber)
    .option('--datacenter <name>', 'name of the data centre')
    .addOption(
      new Option(
        '--storage-compatibility-mode <mode>',
        'formats that Cassandra 5.0 writes',
      ).choices(COMPATIBILITY_MODES),
    )
    .addOption(
      new Option('--commitlog-sync <mode>', 'when a write is acknowledged').choices(
        COMMITLOG_SYNCS,
      ),
    )
    .option('--cassandra-port <port>', 'CQL port; chosen free by default', toNumber)
    .option('--kafka-port <port>', 'port of the broker; chosen free by default', toNumber)
    .option('--detach', 'return when the servers answer')
    .option('--json', 'print the description as JSON')
    .addHelpText(
      'after',
      examples(
        'scamander sandbox up --detach',
        'scamander sandbox up --cassandra 4.1 --nodes 3 --dir /tmp/three',
        'scamander sandbox up --auth --tls',
      ),
    )
    .action(async (options: UpOptions) => {
      context.exitCode = await sandboxUp(toUpArgs(options))
    })
}

function toUpArgs(options: UpOptions): SandboxUpArgs {
  const { cassandra, cassandraPort, kafkaPort, tls, tlsClientAuth, ...rest } = options
  const ports = {
    ...(cassandraPort === undefined ? {} : { cassandra: cassandraPort }),
    ...(kafkaPort === undefined ? {} : { kafka: kafkaPort }),
  }
  return {
    ...rest,
    ...(cassandra === undefined ? {} : { cassandra: cassandra === 'none' ? false : cassandra }),
    tls: tls === true || tlsClientAuth === true,
    tlsClientAuth: tlsClientAuth === true,
    ports,
  }
}

function withDir(command: Command): Command {
  return command.option('--dir <folder>', 'data, logs and sandbox.json', DEFAULT_DIR)
}

function toNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a whole number.')
}
