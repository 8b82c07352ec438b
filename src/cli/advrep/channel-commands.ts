/**
 * `scamander advrep channel …`: which tables are captured for which destinations.
 * Output and options as the replaced commands have them.
 * Spec: cdc-replication 2.3.
 */
import { type Command, Option } from 'commander'
import type { CaptureChannel } from '../../api.ts'
import type { CommandContext } from '../command-context.ts'
import { badOption } from '../connect/client-options.ts'
import { type AdvrepClient, clientOf, cqlName, listOf, parseFlag } from './advrep-client.ts'

interface KeyFlags {
  readonly sourceKeyspace: string
  readonly sourceTable: string
  readonly destination: string
  readonly dataCenterId?: string
}

interface ChannelFlags extends KeyFlags {
  readonly destinationKeyspace?: string
  readonly destinationTable?: string
  readonly fifoOrder?: boolean
  readonly lifoOrder?: boolean
  readonly queueMaxBytes?: number
  readonly queueFull?: string
  readonly emit?: string
  readonly sourceId?: string
  readonly sourceIdColumn?: string
  readonly priority?: number
  readonly collectionEnabled?: boolean
  readonly transmissionEnabled?: boolean
  readonly alter?: boolean
}

interface SelectorFlags {
  readonly sourceKeyspace: string
  readonly sourceTable: string
  readonly destinations?: string
  readonly dataCenterIds?: string
  readonly collection?: boolean
  readonly transmission?: boolean
}

export function addChannelCommands(advrep: Command, context: CommandContext): void {
  const channel = advrep.command('channel').summary('tables that are captured')
  addCreate(channel, context)
  addUpdateAndDelete(channel, context)
  addSwitches(channel, context)
  addStatus(channel, context)
}

function withKey(command: Command): Command {
  return command
    .requiredOption('--source-keyspace <keyspace>', 'keyspace of the table', cqlName)
    .requiredOption('--source-table <table>', 'the table', cqlName)
    .requiredOption('--destination <name>', 'the destination')
}

function withOptions(command: Command): Command {
  return command
    .option('--source-id <id>', 'value that tells where events come from')
    .option('--source-id-column <name>', 'header or column that carries it')
    .option('--destination-keyspace <keyspace>', 'in a destination in Cassandra', cqlName)
    .option('--destination-table <table>', 'in a destination in Cassandra', cqlName)
    .option('--fifo-order', 'oldest first')
    .option('--lifo-order', 'the newest slice of time first, while much waits')
    .option('--queue-max-bytes <n>', 'limit of what waits for delivery; 0: none', toBytes)
    .addOption(
      new Option('--queue-full <what>', 'what happens at the limit').choices([
        ...['alarm', 'block', 'drop-oldest'],
      ]),
    )
    .addOption(
      new Option('--emit <copy>', 'which copy of a write is given, of several replicas').choices([
        ...['first', 'primary', 'quorum'],
      ]),
    )
    .option('--priority <n>', 'lower numbers are delivered first', toPriority)
    .option('--collection-enabled <flag>', 'whether changes are collected', parseFlag)
    .option('--transmission-enabled <flag>', 'whether they are delivered', parseFlag)
}

function addCreate(channel: Command, context: CommandContext): void {
  withOptions(withKey(channel.command('create')))
    .description('Captures a table for a destination; sets cdc = true on it when needed.')
    .option('--data-center-id <name>', 'data centre to capture in; that of the contact point')
    .option('--no-alter', 'fail when the table has no cdc = true, instead of altering it')
    .action(async (flags: ChannelFlags, command: Command) => {
      const client = clientOf(command, context)
      const { alter, ...rest } = flags
      const body = { ...optionsOf(rest), noAlter: alter === false }
      const made = await client.call<CaptureChannel & { notes: string[] }>(
        'POST',
        '/channels',
        body,
      )
      for (const text of made.notes) client.note(text)
      client.say(`Created channel ${nameOf(made)}`, made)
    })
}

/** One order at most; the body names it. */
function optionsOf<T extends Pick<ChannelFlags, 'fifoOrder' | 'lifoOrder'>>(flags: T) {
  const { fifoOrder, lifoOrder, ...rest } = flags
  if (fifoOrder === true && lifoOrder === true) {
    throw badOption('expected --fifo-order or --lifo-order, found both')
  }
  const order = lifoOrder === true ? 'LIFO' : fifoOrder === true ? 'FIFO' : undefined
  return order === undefined ? rest : { ...rest, order }
}

function addUpdateAndDelete(channel: Command, context: CommandContext): void {
  withOptions(withKey(channel.command('update')))
    .description('Changes options of a channel.')
    .option('--data-center-id <name>', 'its data centre')
    .action(async (flags: ChannelFlags, command: Command) => {
      const client = clientOf(command, context)
      const {
        sourceKeyspace: _k,
        sourceTable: _t,
        destination: _d,
        dataCenterId: _i,
        ...rest
      } = flags
      const one = await findChannel(client, flags)
      const made = await client.call<CaptureChannel>('PATCH', pathOf(one), optionsOf(rest))
      client.say(`Updated channel ${nameOf(made)}`, made)
    })
  withKey(channel.command('delete'))
    .description('Ends the capture of a table for a destination; what is queued is dropped.')
    .requiredOption('--data-center-id <name>', 'its data centre')
    .action(async (flags: KeyFlags, command: Command) => {
      const client = clientOf(command, context)
      const one = await findChannel(client, flags)
      await client.call('DELETE', pathOf(one))
      client.say(`Deleted channel ${nameOf(one)}`, one)
    })
}

function addSwitches(channel: Command, context: CommandContext): void {
  for (const verb of ['pause', 'resume'] as const) {
    withSelector(channel.command(verb))
      .description(
        verb === 'pause'
          ? 'Stops collection or transmission; without either option, both.'
          : 'Lets collection or transmission go on; without either option, both.',
      )
      .option('--collection', 'collection')
      .option('--transmission', 'transmission')
      .action(async (flags: SelectorFlags, command: Command) => {
        const client = clientOf(command, context)
        const { collection, transmission } = flags
        const body = { ...selectorOf(flags), collection, transmission }
        const done = await client.call<{ channels: CaptureChannel[] }>(
          'POST',
          `/channels/${verb}`,
          body,
        )
        const isBoth = collection !== true && transmission !== true
        const state = verb === 'pause' ? 'disabled' : 'enabled'
        const lines = done.channels.flatMap(one => {
          const line = (what: string) => `Channel ${nameOf(one, what)} was ${state}`
          return [
            ...(isBoth || collection === true ? [line('collection')] : []),
            ...(isBoth || transmission === true ? [line('transmission')] : []),
          ]
        })
        client.say(lines.join('\n'), done)
      })
  }
  withSelector(channel.command('snapshot'))
    .description('Gives the rows that tables have already, while changes go on.')
    .addOption(
      new Option('--mode <mode>', 'begin anew, or stop')
        .choices(['initial', 'cancel'])
        .default('initial'),
    )
    .action(async (flags: SelectorFlags & { mode: string }, command: Command) => {
      const client = clientOf(command, context)
      const { mode } = flags
      const body = { ...selectorOf(flags), mode }
      const path = '/channels/snapshot'
      const done = await client.call<{ channels: CaptureChannel[] }>('POST', path, body)
      const state = mode === 'cancel' ? 'was cancelled' : 'was ordered'
      const lines = done.channels.map(one => `Snapshot of channel ${nameOf(one)} ${state}`)
      client.say(lines.join('\n'), done)
    })
  withSelector(channel.command('truncate'))
    .description('Drops what is queued now; later changes are kept.')
    .action(async (flags: SelectorFlags, command: Command) => {
      const client = clientOf(command, context)
      const done = await client.call<{ channels: (CaptureChannel & { messages: number })[] }>(
        'POST',
        '/channels/truncate',
        selectorOf(flags),
      )
      const lines = done.channels.map(
        one => `Truncated channel ${nameOf(one)}: ${one.messages} messages`,
      )
      client.say(lines.join('\n'), done)
    })
}

function withSelector(command: Command): Command {
  return command
    .requiredOption('--source-keyspace <keyspace>', 'keyspace of the table', cqlName)
    .requiredOption('--source-table <table>', 'the table', cqlName)
    .option('--destinations <names>', 'destinations, separated by commas; all when absent')
    .option('--data-center-ids <names>', 'data centres, separated by commas; all when absent')
}

function selectorOf({ sourceKeyspace, sourceTable, destinations, dataCenterIds }: SelectorFlags) {
  return {
    sourceKeyspace,
    sourceTable,
    destinations: listOf(destinations ?? ''),
    dataCenterIds: listOf(dataCenterIds ?? ''),
  }
}

function addStatus(channel: Command, context: CommandContext): void {
  channel
    .command('status')
    .description('Shows channels; with --verbose what waits for delivery as well.')
    .option('--data-center-id <name>', 'only of this data centre')
    .option('--source-keyspace <keyspace>', 'only of this keyspace', cqlName)
    .option('--source-table <table>', 'only of this table', cqlName)
    .option('--destination <name>', 'only to this destination')
    .action(async (flags: Partial<KeyFlags>, command: Command) => {
      const client = clientOf(command, context)
      const all = await fetchChannels(client, flags)
      const isVerbose = client.options.verbose === true
      const isFar = all.some(one => one.isCassandra)
      const head = [
        ...['dc', 'keyspace', 'table', 'collecting', 'transmitting', 'replication order'],
        ...['priority', ...(isFar ? ['dest ks', 'dest table'] : []), 'src id', 'src id col'],
        ...['dest', 'dest enabled', ...(isVerbose ? VERBOSE : [])],
      ]
      const rows = all.map(one => [
        ...[one.dataCenterId, one.sourceKeyspace, one.sourceTable, one.collectionEnabled],
        ...[one.transmissionEnabled, one.order, one.priority],
        ...(isFar ? targetCells(one) : []),
        ...[one.sourceId, one.sourceIdColumn, one.destination, one.destinationEnabled],
        ...(isVerbose ? verboseCells(one) : []),
      ])
      client.table(all, head, rows)
    })
}

function targetCells(one: CaptureChannel): string[] {
  return one.isCassandra ? [one.destinationKeyspace, one.destinationTable] : ['', '']
}

const VERBOSE = [
  ...['state', 'queued', 'lag s', 'rate/s', 'delivered', 'duplicates', 'dropped', 'gaps'],
  ...['last event', 'agents', 'snapshot', 'error', 'advice'],
]

function verboseCells({ stats }: CaptureChannel) {
  const { state, queued, lagSeconds, delivered, duplicates, dropped, gaps, agents, nodes } = stats
  return [
    ...[state, queued, lagSeconds.toFixed(1), stats.perSecond.toFixed(1), delivered, duplicates],
    ...[dropped, gaps, stats.lastEventAt ?? '', nodes === null ? agents : `${agents}/${nodes}`],
    ...[snapshotCell(stats.snapshot), stats.error ?? '', stats.advice ?? ''],
  ]
}

function snapshotCell(given: CaptureChannel['stats']['snapshot']): string {
  if (given === null) return ''
  const { rows, part } = given
  return `${rows} rows, ${part >= 1 ? 'done' : `${Math.floor(part * 100)} %`}`
}

export async function fetchChannels(
  client: AdvrepClient,
  flags: Partial<KeyFlags>,
): Promise<CaptureChannel[]> {
  const query = new URLSearchParams()
  if (flags.dataCenterId !== undefined) query.set('dc', flags.dataCenterId)
  if (flags.sourceKeyspace !== undefined) query.set('keyspace', flags.sourceKeyspace)
  if (flags.sourceTable !== undefined) query.set('table', flags.sourceTable)
  if (flags.destination !== undefined) query.set('destination', flags.destination)
  const text = query.toString()
  return await client.call<CaptureChannel[]>('GET', `/channels${text === '' ? '' : `?${text}`}`)
}

/** The only channel with this key; several data centres have to be told apart. */
export async function findChannel(client: AdvrepClient, flags: KeyFlags): Promise<CaptureChannel> {
  const found = await fetchChannels(client, flags)
  const [one] = found
  if (one !== undefined && found.length === 1) return one
  const { sourceKeyspace, sourceTable, destination } = flags
  const what = `keyspace=${sourceKeyspace} table=${sourceTable} to ${destination}`
  if (one === undefined) throw badOption(`expected a channel with ${what}, found none`)
  const centres = found.map(channel => channel.dataCenterId).join(', ')
  throw badOption(
    `--data-center-id: expected one of ${centres}, because several channels have ${what}`,
  )
}

function pathOf(one: CaptureChannel): string {
  const parts = [one.dataCenterId, one.sourceKeyspace, one.sourceTable, one.destination]
  return `/channels/${parts.map(encodeURIComponent).join('/')}`
}

function nameOf(one: CaptureChannel, what?: string): string {
  const { dataCenterId, sourceKeyspace, sourceTable, destination } = one
  const middle = what === undefined ? '' : ` ${what}`
  return `dc=${dataCenterId} keyspace=${sourceKeyspace} table=${sourceTable}${middle} to ${destination}`
}

function toPriority(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw badOption(`--priority: expected a whole number above 0, found "${text}"`)
}

function toBytes(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw badOption(`--queue-max-bytes: expected a whole number, found "${text}"`)
}
