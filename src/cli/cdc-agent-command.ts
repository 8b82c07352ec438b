/**
 * `scamander cdc-agent`: captures from the Cassandra node of this machine for a worker elsewhere.
 * Runs until it is stopped; a worker or a node that is away is waited for.
 * Spec: cdc-replication 2.5; docs/adr/0012-capture-in-one-worker.md.
 */
import { homedir } from 'node:os'
import { join } from 'node:path'
import { type Command, Option } from 'commander'
import { readPropertiesFile, sourceOf, toRecord } from '../config/index.ts'
import { CLIENT_KEYS, toClientSettings } from '../kafka/index.ts'
import {
  type AgentStatus,
  OwnerFinder,
  parseCapture,
  runRemoteAgent,
  TOPIC_PREFIX,
  workerHosts,
} from '../source/index.ts'
import { type Logger, MetricRegistry } from '../telemetry/index.ts'
import { listenForAgent } from './agent-listener.ts'
import { type CommandContext, type CommonOptions, examples, loggerOf } from './command-context.ts'
import { badOption } from './connect/client-options.ts'
import { clientSettingsOf } from './connect/rest-client.ts'
import { addNodeOptions, type NodeFlags, nodeKeys } from './node-options.ts'
import { listenForStop } from './stop-signals.ts'

interface AgentFlags extends CommonOptions, NodeFlags {
  readonly contactPoint: string
  readonly url?: string
  readonly config?: string
  readonly dataDir?: string
  readonly readPolicy?: string
  readonly pollIntervalMs?: string
  readonly from?: string
  readonly alarmPercent?: string
  readonly overflowDirectory?: string
  readonly overflowLimit?: string
  readonly encryptionKey?: readonly string[]
  readonly keystore?: string
  readonly keystorePassword?: string
  readonly workerHost?: readonly string[]
  readonly bootstrapServers?: string
  readonly cdcRawDirectory?: string
  /** False: nowhere. */
  readonly listen?: string | false
  readonly once?: boolean
}

/** Options that stand for a key of the worker's properties. */
const KEYS = {
  readPolicy: 'cdc.read.policy',
  pollIntervalMs: 'cdc.poll.interval.ms',
  from: 'cdc.from',
  alarmPercent: 'cdc.alarm.percent',
  overflowDirectory: 'cdc.overflow.directory',
  overflowLimit: 'cdc.overflow.limit.bytes',
  keystore: 'cdc.encryption.keystore.path',
  keystorePassword: 'cdc.encryption.keystore.password',
} as const

export function addCdcAgentCommand(program: Command, context: CommandContext): void {
  addNodeOptions(program.command('cdc-agent'))
    .summary('capture from the Cassandra node of this machine for a worker elsewhere')
    .description(
      'Reads the commit log of the node on this machine and gives changes of captured tables to a worker that has `cdc.contact.points`. ' +
        'Needs the right to read and delete in cdc_raw. Passwords are better in --config. The login of the worker comes from SCAMANDER_TOKEN, or from SCAMANDER_USER and SCAMANDER_PASSWORD. ' +
        'Exit codes: 0 stopped by a signal, 1 it cannot go on, 2 a setting is wrong, 4 the node does not answer.',
    )
    .option('--contact-point <host[:port]>', 'the local node', '127.0.0.1:9042')
    .option('--url <url>', 'address of the worker; SCAMANDER_URL, else http://127.0.0.1:8083')
    .option(
      '--bootstrap-servers <list>',
      'Kafka: gives to whichever worker keeps the queues of cdc.topic.prefix there',
    )
    .option(
      '--worker-host <host>',
      'with --bootstrap-servers: gets the login of the worker; may be repeated; else any over https, and this machine',
      collect,
    )
    .option('--config <file>', 'properties with cdc.* keys, and those of the Kafka client')
    .option('--cdc-raw-directory <folder>', 'where it is; else the node tells')
    .option('--data-dir <folder>', 'for records that cannot be decoded')
    .addOption(
      new Option('--read-policy <policy>', 'how far segments are read').choices([
        ...['live', 'markers', 'idx', 'completed'],
      ]),
    )
    .option('--poll-interval-ms <n>', 'pause between two looks at the log')
    .addOption(
      new Option('--from <place>', 'where a new node begins').choices(['latest', 'earliest']),
    )
    .option('--alarm-percent <list>', 'fill levels of cdc_raw to warn at')
    .option(
      '--overflow-directory <folder>',
      'where complete segments go from 70 % of the limit of cdc_raw on',
    )
    .option('--overflow-limit <bytes>', 'of that folder; 16 GiB when not given')
    .option('--encryption-key <alias=hex>', 'key of encrypted segments; may be repeated', collect)
    .option('--keystore <file>', 'JCEKS store with the keys of encrypted segments')
    .option('--keystore-password <password>', 'of that store')
    .option(
      '--listen <host:port>',
      'serves /health, /ready, /metrics and /status there; 127.0.0.1:9465, unless it is taken',
    )
    .option('--no-listen', 'serves nothing')
    .option('--once', 'end when everything that is logged at the start was given')
    .addHelpText(
      'after',
      examples(
        'scamander cdc-agent --bootstrap-servers 10.0.0.9:9092',
        'scamander cdc-agent --url http://worker:8083',
        'SCAMANDER_TOKEN=... scamander cdc-agent --contact-point 10.0.0.5:9042 --url https://worker:8443',
      ),
    )
    .action(async (_flags: unknown, command: Command) => {
      context.exitCode = await runAgent(command.optsWithGlobals<AgentFlags>(), context)
    })
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

async function runAgent(flags: AgentFlags, context: CommandContext): Promise<number> {
  const settings = settingsOf(flags)
  const { readPolicy } = settings
  if (flags.once === true && readPolicy === 'completed') {
    throw badOption('--once: expected another read policy than completed, which never is at an end')
  }
  const logger = loggerOf(flags)
  for (const warning of settings.warnings) logger.warn(warning)
  const stop = listenForStop(context.err)
  const finder = finderOf(flags, logger)
  const { url, authorization } = clientSettingsOf(flags.url, process.env)
  const metrics = new MetricRegistry()
  let status: () => AgentStatus | undefined = () => undefined
  const served = { metrics, status: () => status() }
  const server = await listenForAgent(flags.listen, served, text => logger.warn(text))
  try {
    await runRemoteAgent({
      ...{ settings, logger, metrics, signal: stop.signal },
      worker: () => finder?.address() ?? { url, authorization },
      isOnce: flags.once === true,
      ...(flags.cdcRawDirectory === undefined ? {} : { cdcRawDirectory: flags.cdcRawDirectory }),
      onMade: agent => {
        status = agent
      },
    })
    return 0
  } finally {
    stop.release()
    await server.close()
    await finder?.close()
  }
}

/** Undefined: the worker is named. */
function finderOf(flags: AgentFlags, logger: Logger): OwnerFinder | undefined {
  const file = flags.config === undefined ? undefined : readPropertiesFile(flags.config)
  const servers = flags.bootstrapServers ?? file?.entries.get('bootstrap.servers')?.value
  if (servers === undefined || (flags.url !== undefined && flags.bootstrapServers === undefined)) {
    return undefined
  }
  if (flags.url !== undefined) throw badOption('expected --url or --bootstrap-servers, found both')
  const own = file === undefined ? [] : Object.entries(toRecord(file))
  const client = Object.fromEntries(own.filter(([key]) => key in CLIENT_KEYS))
  const properties = { ...client, 'bootstrap.servers': servers, 'client.id': 'scamander-cdc-agent' }
  const { authorization } = clientSettingsOf(undefined, process.env)
  const prefix = file?.entries.get('cdc.topic.prefix')?.value.trim() ?? TOPIC_PREFIX
  const hosts = flags.workerHost ?? (file === undefined ? [] : workerHosts(file))
  return new OwnerFinder({
    ...{ client: toClientSettings(properties, logger), prefix, authorization, hosts, logger },
  })
}

/** The file first, options over it. */
function settingsOf(flags: AgentFlags) {
  const file = flags.config === undefined ? sourceOf({}) : readPropertiesFile(flags.config)
  const given: Record<string, string> = {
    'cdc.contact.points': flags.contactPoint,
    ...nodeKeys(flags),
  }
  for (const [name, key] of Object.entries(KEYS)) {
    const value = flags[name as keyof typeof KEYS]
    if (value !== undefined) given[key] = value
  }
  if (flags.encryptionKey !== undefined)
    given['cdc.encryption.keys'] = flags.encryptionKey.join(',')
  const folder = flags.dataDir ?? join(homedir(), '.scamander', 'agent')
  given['cdc.data.directory'] = folder
  const entries = new Map([...file.entries, ...sourceOf(given).entries])
  return parseCapture({ ...file, entries }, join(folder, 'offsets'))!
}
