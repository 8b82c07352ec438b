/**
 * `scamander advrep replog …`: what waits for delivery, and what an audit log says was done.
 * Output and options as the replaced commands have them.
 * Spec: cdc-replication 2.4.
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, constants as zlibConstants } from 'node:zlib'
import type { Command } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { badOption } from '../connect/client-options.ts'
import { clientOf, cqlName } from './advrep-client.ts'
import { fetchChannels } from './channel-commands.ts'

interface CountFlags {
  readonly sourceKeyspace: string
  readonly sourceTable: string
  readonly destination: string
  readonly dataCenterId?: string
}

/** Sums of one table. */
interface Sums {
  insert: number
  insertError: number
  read: number
  sent: number
  delete: number
  readError: number
  deleteError: number
}

export function addReplogCommands(advrep: Command, context: CommandContext): void {
  const replog = advrep.command('replog').summary('what waits for delivery, and what was done')
  replog
    .command('count')
    .description('Prints the number of changes that are queued and not delivered.')
    .requiredOption('--source-keyspace <keyspace>', 'keyspace of the table', cqlName)
    .requiredOption('--source-table <table>', 'the table', cqlName)
    .requiredOption('--destination <name>', 'the destination')
    .option('--data-center-id <name>', 'only of this data centre')
    .action(async (flags: CountFlags, command: Command) => {
      const client = clientOf(command, context)
      const channels = await fetchChannels(client, flags)
      if (channels.length === 0) throw badOption('expected a channel as selected, found none')
      const messages = channels.reduce((sum, one) => sum + one.stats.queued, 0)
      client.say(String(messages), { messages })
    })
  replog
    .command('analyze-audit-log')
    .description('Sums up an audit log, per table: a file that is written still, or a packed one.')
    .requiredOption('--file <file>', 'the audit log')
    .action(async ({ file }: { file: string }, command: Command) => {
      const client = clientOf(command, context)
      const tables = await readSums(file)
      const lines = [...tables].flatMap(([name, sums]) => linesOf(name, sums))
      client.say(lines.join('\n'), Object.fromEntries(tables))
    })
}

async function readSums(file: string): Promise<Map<string, Sums>> {
  const tables = new Map<string, Sums>()
  const lines = new PassThrough()
  const raw = createReadStream(file)
  // A packed file that is cut is read as far as it goes.
  const unpack = createGunzip({ finishFlush: zlibConstants.Z_SYNC_FLUSH })
  const reading = file.endsWith('.gz') ? pipeline(raw, unpack, lines) : pipeline(raw, lines)
  const failed = reading.then(
    () => undefined,
    (error: Error) => error,
  )
  try {
    for await (const line of createInterface({ input: lines })) addLine(tables, line)
  } catch {
    // Told below: what cannot be read breaks the pipeline as well.
  }
  const error = await failed
  if (error !== undefined) throw badOption(`--file: ${file} was not read: ${error.message}`)
  return tables
}

/** The last line of a file that is being written may be cut: it is passed over. */
function addLine(tables: Map<string, Sums>, line: string): void {
  let entry: { ks?: unknown; table?: unknown; ev?: unknown; n?: unknown }
  try {
    entry = JSON.parse(line)
  } catch {
    return
  }
  const { ks, table, ev, n } = entry
  const name = `${String(ks)}, ${String(table)}`
  const sums = tables.get(name) ?? { ...NOTHING }
  if (typeof n !== 'number' || !(String(ev) in sums)) return
  sums[ev as keyof Sums] += n
  tables.set(name, sums)
}

const NOTHING: Sums = {
  ...{ insert: 0, insertError: 0, read: 0, sent: 0, delete: 0, readError: 0, deleteError: 0 },
}

function linesOf(name: string, sums: Sums): string[] {
  const { insert, insertError, read, sent, delete: deleted, readError, deleteError } = sums
  return [
    `${name} : inserts = ${insert}, insertErrors = ${insertError}`,
    `${name} : reads = ${read}, sent = ${sent}, deletes = ${deleted}, readingErrors = ${readError}, deletingErrors = ${deleteError}`,
  ]
}
