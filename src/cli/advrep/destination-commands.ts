/**
 * `scamander advrep destination …`: end points that channels lead to: Kafka, served by a connector, or
 * another Cassandra, with addresses and options of its connection.
 * Output and options as the replaced commands have them.
 * Spec: cdc-replication 2.2.
 */
import type { Command } from 'commander'
import type { CaptureDestination } from '../../api.ts'
import type { CommandContext } from '../command-context.ts'
import { badOption } from '../connect/client-options.ts'
import { clientOf, listOf, parseFlag } from './advrep-client.ts'

interface DestinationFlags {
  readonly name: string
  readonly transmissionEnabled?: boolean
  readonly addresses?: string
  readonly force?: boolean
  readonly [driverOption: `driver${string}`]: string | undefined
}

/** Option and what it means; each is `--driver-…`. */
const DRIVER_OPTIONS: readonly (readonly [name: string, doc: string])[] = [
  ['user', 'login of the cluster'],
  ['pwd', 'its password'],
  ['local-dc', 'data centre to write to; that of the first address'],
  ['consistency-level', 'consistency of writes; LOCAL_QUORUM'],
  ['connections', 'connections per node; 2'],
  ['connections-max', 'the same, when --driver-connections is not given'],
  ['max-requests-per-connection', 'requests under way per connection; 1024'],
  ['connect-timeout', 'milliseconds; 5000'],
  ['read-timeout', 'milliseconds; 12000'],
  ['compression', 'none, snappy or lz4; none'],
  ['used-hosts-per-remote-dc', 'kept; other data centres are not written to'],
  ['allow-remote-dcs-for-local-cl', 'kept; other data centres are not written to'],
  ['ssl-enabled', 'true or false'],
  ['ssl-cipher-suites', 'separated by commas'],
  ['ssl-protocol', 'kept; TLS 1.2 and 1.3 are used'],
  ['ssl-keystore-path', 'own certificate and key'],
  ['ssl-keystore-password', 'of that store'],
  ['ssl-keystore-type', 'kept; the type is told by the content'],
  ['ssl-truststore-path', 'certificates to trust'],
  ['ssl-truststore-password', 'of that store'],
  ['ssl-truststore-type', 'kept; the type is told by the content'],
]

const path = (name: string) => `/destinations/${encodeURIComponent(name)}`

export function addDestinationCommands(advrep: Command, context: CommandContext): void {
  const destination = advrep.command('destination').summary('end points of channels')
  addChanges(destination, context)
  addRemoveConf(destination, context)
  addDelete(destination, context)
  addLists(destination, context)
}

function addChanges(destination: Command, context: CommandContext): void {
  for (const verb of ['create', 'update'] as const) {
    const command = destination
      .command(verb)
      .description(verb === 'create' ? 'Creates a destination.' : 'Changes a destination.')
      .requiredOption('--name <name>', 'name of the destination')
      .option('--addresses <list>', 'nodes of another Cassandra, host[:port]; without: Kafka')
      .option('--transmission-enabled <flag>', 'whether its channels are delivered', parseFlag)
    for (const [name, doc] of DRIVER_OPTIONS) command.option(`--driver-${name} <value>`, doc)
    command.action(async (flags: DestinationFlags, self: Command) => {
      const client = clientOf(self, context)
      const { name, transmissionEnabled, addresses } = flags
      const driver = driverOf(flags)
      const changes = {
        ...(transmissionEnabled === undefined ? {} : { transmissionEnabled }),
        ...(addresses === undefined ? {} : { addresses: listOf(addresses) }),
        ...(Object.keys(driver).length === 0 ? {} : { driver }),
      }
      const made =
        verb === 'create'
          ? await client.call('POST', '/destinations', { name, ...changes })
          : await client.call('PATCH', path(name), changes)
      client.say(`Destination ${name} ${verb}d`, made)
    })
  }
}

function driverOf(flags: DestinationFlags): Record<string, string> {
  const out: Record<string, string> = {}
  for (const [name] of DRIVER_OPTIONS) {
    const value = flags[flagOf(name)]
    if (value !== undefined) out[name] = value
  }
  return out
}

/** As the parser of options names it. */
function flagOf(name: string): `driver${string}` {
  const parts = name.split('-').map(part => part[0]!.toUpperCase() + part.slice(1))
  return `driver${parts.join('')}`
}

function addRemoveConf(destination: Command, context: CommandContext): void {
  const command = destination
    .command('remove-conf')
    .description('Sets options of a destination back to their defaults; values are not looked at.')
    .requiredOption('--name <name>', 'name of the destination')
    .option('--transmission-enabled [flag]', 'back to true')
    .option('--addresses [list]', 'back to Kafka')
  for (const [name] of DRIVER_OPTIONS) command.option(`--driver-${name} [value]`, 'back to default')
  command.action(async (flags: Readonly<Record<string, unknown>>, self: Command) => {
    const client = clientOf(self, context)
    const driver = DRIVER_OPTIONS.map(([name]) => name).filter(
      name => flags[flagOf(name)] !== undefined,
    )
    const isSwitched = flags['transmissionEnabled'] !== undefined
    const isMoved = flags['addresses'] !== undefined
    const removed = [
      ...(isSwitched ? ['transmission-enabled'] : []),
      ...(isMoved ? ['addresses'] : []),
      ...driver.map(name => `driver-${name}`),
    ]
    if (removed.length === 0) throw badOption('expected an option to remove, found none')
    const name = String(flags['name'])
    const made = await client.call('PATCH', path(name), {
      ...(isSwitched ? { transmissionEnabled: true } : {}),
      ...(isMoved ? { addresses: [] } : {}),
      driver: Object.fromEntries(driver.map(one => [one, null])),
    })
    client.say(`Destination ${name}: removed ${removed.join(', ')}`, made)
  })
}

function addDelete(destination: Command, context: CommandContext): void {
  destination
    .command('delete')
    .description('Deletes a destination that no channel uses.')
    .requiredOption('--name <name>', 'name of the destination')
    .option('--force', 'delete its channels and their queues first')
    .action(async ({ name, force }: DestinationFlags, command: Command) => {
      const client = clientOf(command, context)
      await client.call('DELETE', `${path(name)}?force=${force === true}`)
      client.say(`Destination ${name} removed`, { name, removed: true })
    })
}

function addLists(destination: Command, context: CommandContext): void {
  destination
    .command('list')
    .description('Lists destinations.')
    .action(async (_flags: unknown, command: Command) => {
      const client = clientOf(command, context)
      const all = await client.call<CaptureDestination[]>('GET', '/destinations')
      const rows = all.map(one => [one.name, one.transmissionEnabled])
      client.table(all, ['name', 'enabled'], rows)
    })
  destination
    .command('list-conf')
    .description('Lists the settings of one destination or of all; passwords are hidden.')
    .option('--name <name>', 'name of the destination')
    .action(async ({ name }: { name?: string }, command: Command) => {
      const client = clientOf(command, context)
      const all =
        name === undefined
          ? await client.call<CaptureDestination[]>('GET', '/destinations')
          : [await client.call<CaptureDestination>('GET', path(name))]
      const rows = all.flatMap(one => [
        ...(one.addresses.length > 0 ? [[one.name, 'addresses', one.addresses.join(',')]] : []),
        [one.name, 'transmission-enabled', one.transmissionEnabled],
        ...Object.entries(one.driver).map(([key, value]) => [one.name, `driver-${key}`, value]),
      ])
      client.table(all, ['destination', 'name', 'value'], rows)
    })
}
