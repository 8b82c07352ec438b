/**
 * `scamander cdc dump`: the changes in commit-log segments, one JSON line each.
 * Parses options, loads schemas, calls the dump; results on standard output, notes and damage on
 * standard error. Exit codes: 0, 2 usage, 3 damage, 4 contact point unreachable.
 * Spec: cdc-replication 2.6.
 */
import { readFileSync } from 'node:fs'
import { type Command, Option } from 'commander'
import { messageOf, ScamanderError } from '../base/scamander-error.ts'
import type { KeyLookup, SchemaRows } from '../commitlog/index.ts'
import { sourceOf } from '../config/index.ts'
import {
  dumpChanges,
  fetchSchema,
  parseCapture,
  readEncryptionKeys,
  readSchemaFile,
  SourceCluster,
} from '../source/index.ts'
import { type CommandContext, examples } from './command-context.ts'
import { CLI_ERRORS } from './errors.ts'
import { addNodeOptions, type NodeFlags, nodeKeys } from './node-options.ts'
import { listenForStop } from './stop-signals.ts'

interface DumpFlags extends NodeFlags {
  readonly schema?: string
  readonly contactPoint?: string
  readonly format: 'jsonl' | 'text'
  readonly table?: readonly string[]
  readonly from?: string
  readonly all?: boolean
  readonly cdcOnly?: boolean
  readonly tableId?: readonly string[]
  readonly encryptionKey?: readonly string[]
  readonly keystore?: string
  readonly keystorePassword?: string
  readonly follow?: boolean
}

export function addCdcCommand(program: Command, context: CommandContext): void {
  const cdc = program
    .command('cdc')
    .summary('read the commit log of Cassandra')
    .description('Tools for the commit log of Cassandra 4.0, 4.1 and 5.0; no server is needed.')
  addNodeOptions(cdc.command('dump'))
    .description(
      'Prints every change in commit-log segments, one JSON object per line. ' +
        'Exit codes: 0 done, 2 wrong usage, 3 something could not be decoded (the rest is printed), 4 the contact point does not answer.',
    )
    .argument('<file|folder...>', 'segments, or folders of them')
    .addOption(new Option('--schema <file.cql>', 'output of DESCRIBE ... WITH INTERNALS'))
    .option('--contact-point <host[:port]>', 'node to ask for the schema')
    .addOption(
      new Option('--format <format>', 'jsonl for programs, text for people')
        .choices(['jsonl', 'text'])
        .default('jsonl'),
    )
    .option('--table <keyspace.table>', 'print only this table; may be repeated', collect)
    .option('--from <[segment:]position>', 'print only records after this position')
    .option('--all', 'print system keyspaces as well')
    .option('--cdc-only', 'print only tables with cdc = true')
    .option(
      '--table-id <keyspace.table=uuid>',
      'the id of a table in the log; may be repeated',
      collect,
    )
    .option('--encryption-key <alias=hex>', 'key of encrypted segments; may be repeated', collect)
    .option('--keystore <file>', 'JCEKS store with the keys of encrypted segments')
    .option('--keystore-password <password>', 'of that store')
    .option('--follow', 'go on as the segments grow, until Ctrl-C')
    .addHelpText(
      'after',
      examples(
        'scamander cdc dump --contact-point 127.0.0.1 /var/lib/cassandra/cdc_raw',
        'scamander cdc dump --schema schema.cql CommitLog-7-1700000000000.log | jq .op',
        'scamander cdc dump --format text --follow --cdc-only /var/lib/cassandra/cdc_raw',
      ),
    )
    .action(async (paths: string[], flags: DumpFlags) => {
      context.exitCode = await dump(paths, flags, context)
    })
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

async function dump(paths: string[], flags: DumpFlags, context: CommandContext): Promise<number> {
  const schemaFile = flags.schema === undefined ? undefined : readSchema(flags.schema)
  const tableIds = (flags.tableId ?? []).map(parseTableId)
  const tables = flags.table ?? []
  const bare = tables.find(name => !/^[^.]+\.[^.]+$/.test(name))
  if (bare !== undefined) throw wrongOption(`--table: expected keyspace.table, found "${bare}"`)
  const from = flags.from === undefined ? undefined : parseFrom(flags.from)
  const keyOf = keysOf(flags)
  const clusterSchema = await fetchClusterSchema(flags)
  const stop = listenForStop(() => undefined)
  try {
    const { problems } = await dumpChanges({
      ...{ paths, schemaFile, clusterSchema, tableIds, from, keyOf },
      format: flags.format,
      tables,
      withSystem: flags.all === true,
      cdcOnly: flags.cdcOnly === true,
      follow: flags.follow === true,
      signal: stop.signal,
      write: text => writeOut(context, text),
      note: text => context.err(`${text}\n`),
    })
    if (problems === 0) return 0
    const hasSchema = schemaFile !== undefined || clusterSchema !== undefined
    if (!hasSchema) {
      const help = 'for tables that the schema does not have give --contact-point or --schema'
      context.err(`note: ${problems} record(s) were not decoded; ${help}\n`)
    }
    return 3
  } finally {
    stop.release()
  }
}

/** Waits while the reader of the pipe is slow. */
function writeOut(context: CommandContext, text: string): Promise<void> | undefined {
  context.out(text)
  if (!process.stdout.writableNeedDrain) return undefined
  return new Promise(resolve => process.stdout.once('drain', resolve))
}

function readSchema(file: string): SchemaRows {
  try {
    return readSchemaFile(readFileSync(file, 'utf8'), file)
  } catch (cause) {
    if (cause instanceof ScamanderError) throw cause
    throw wrongOption(`--schema: expected a readable file, found ${file}: ${messageOf(cause)}`)
  }
}

async function fetchClusterSchema(flags: DumpFlags): Promise<SchemaRows | undefined> {
  const { contactPoint } = flags
  if (contactPoint === undefined) return undefined
  const keys = { 'cdc.contact.points': contactPoint, ...nodeKeys(flags) }
  const settings = parseCapture(sourceOf(keys), '.')!
  const link = await new SourceCluster(settings).open(settings.contactPoints[0]!)
  try {
    return await fetchSchema(link)
  } finally {
    link.close()
  }
}

function parseTableId(text: string): { name: string; id: string } {
  const found = /^([^.=]+\.[^=]+)=([0-9a-fA-F-]{36})$/.exec(text)
  if (found !== null) return { name: found[1]!, id: found[2]!.toLowerCase() }
  throw wrongOption(`--table-id: expected keyspace.table=UUID, found "${text}"`)
}

function parseFrom(text: string): { segmentId: bigint | undefined; position: number } {
  const found = /^(?:(\d{1,19}):)?(\d{1,10})$/.exec(text)
  if (found === null) {
    throw wrongOption(`--from: expected SEGMENT:POSITION or POSITION, found "${text}"`)
  }
  const segmentId = found[1] === undefined ? undefined : BigInt(found[1])
  return { segmentId, position: Number(found[2]) }
}

function keysOf({ encryptionKey = [], keystore, keystorePassword }: DumpFlags): KeyLookup {
  const source = { keys: encryptionKey, keystore, password: keystorePassword }
  const keys = new Map(
    readEncryptionKeys(source).map(([alias, key]) => [alias, Buffer.from(key)] as const),
  )
  return alias => keys.get(alias)
}

function wrongOption(message: string): ScamanderError {
  return new ScamanderError(CLI_ERRORS.OPTION, message)
}
