/**
 * `scamander advrep`: destinations and channels of change capture, with the commands, options and
 * tables of the replaced product; `scamander dse advrep` is the same.
 * Every command is one or two calls of the REST API of a worker that captures.
 * Spec: cdc-replication 2.
 */
import type { Command } from 'commander'
import type { CaptureAgents, CaptureGap } from '../../api.ts'
import { type CommandContext, examples } from '../command-context.ts'
import { badOption } from '../connect/client-options.ts'
import { addHelpCommand } from '../help-command.ts'
import { clientOf } from './advrep-client.ts'
import { addChannelCommands } from './channel-commands.ts'
import { addConfCommands } from './conf-commands.ts'
import { addDestinationCommands } from './destination-commands.ts'
import { addReplogCommands } from './replog-commands.ts'

export function addAdvrepCommand(program: Command, context: CommandContext): void {
  addTo(program, context)
  const dse = program.command('dse').summary('the same commands under their old name')
  addTo(dse, context)
}

function addTo(parent: Command, context: CommandContext): void {
  const advrep = parent
    .command('advrep')
    .summary('manage change capture: destinations and channels')
    .description(
      'Manages change capture in a running worker that has `cdc.contact.points`. ' +
        'Exit codes: 0 done, 1 the worker failed, 2 refused or wrong options, 3 open gaps, 4 no answer.',
    )
    .option('--url <url>', 'address of the worker; SCAMANDER_URL, else http://127.0.0.1:8083')
    .option('--token <token>', 'token of the worker; better in SCAMANDER_TOKEN')
    .option('--host <host>', 'host of the worker')
    .option('--port <port>', 'its port; the ports of Cassandra are ignored')
    .option('-u, --username <name>', 'login of the worker; DSE_USERNAME')
    .option('-p, --password <password>', 'its password; DSE_PASSWORD')
    .option('--cluster <name>', 'refuse unless the worker captures from this cluster')
    .option('--no-pretty-print', 'lines of cells instead of a frame')
    .option('--separator <text>', 'between these cells', ',')
    .option('-v, --verbose', 'more columns, and the calls on standard error')
    .option('--json', 'print documents as JSON')
    .addHelpText(
      'after',
      examples(
        'scamander advrep destination create --name demo_destination',
        'scamander advrep channel create --source-keyspace demo_ks --source-table demo_table --destination demo_destination',
        'scamander advrep channel status --verbose',
        'scamander advrep replog count --source-keyspace demo_ks --source-table demo_table --destination demo_destination',
      ),
    )
  addIgnored(advrep)
  addDestinationCommands(advrep, context)
  addChannelCommands(advrep, context)
  addConfCommands(advrep, context)
  addReplogCommands(advrep, context)
  addAgents(advrep, context)
  addGaps(advrep, context)
  addHelpCommand(advrep)
}

/** Options of old scripts that concern another way of connecting. */
function addIgnored(advrep: Command): void {
  const values = ['jmx-port', 'jmx-user', 'jmx-pwd', 'cipher-suites']
  for (const store of ['keystore', 'truststore']) {
    values.push(`${store}-path`, `${store}-password`, `${store}-type`)
  }
  for (const name of values) advrep.option(`--${name} <value>`, 'accepted, without effect')
  for (const name of ['use-server-config', 'kerberos-enabled', 'ssl', 'v1']) {
    advrep.option(`--${name}`, 'accepted, without effect')
  }
}

function addAgents(advrep: Command, context: CommandContext): void {
  advrep
    .command('agent')
    .summary('who reads the commit logs')
    .command('list')
    .description('Lists the nodes that are captured from.')
    .action(async (_flags: unknown, command: Command) => {
      const client = clientOf(command, context)
      const document = await client.call<CaptureAgents>('GET', '/agents')
      const head = [
        'node',
        'dc',
        'state',
        'cassandra',
        'lag ms',
        'cdc_raw',
        'limit',
        'full in s',
        'position',
        'ahead',
        'error',
      ]
      const rows = document.agents.map(one => [
        ...[`${one.address} ${one.hostId}`, one.dataCenter, one.state, one.cassandra],
        one.lagMs ?? '',
        ...[one.cdcRaw.bytes, one.cdcRaw.limitBytes, one.cdcRaw.fullInSeconds ?? ''],
        one.position === undefined ? '' : `${one.position.segment}:${one.position.offset}`,
        ...[one.segmentsAhead, one.error ?? ''],
      ])
      client.table(document, head, rows)
      if (document.error !== null) client.note(document.error)
    })
}

function addGaps(advrep: Command, context: CommandContext): void {
  const gap = advrep.command('gap').summary('changes that were lost before they were read')
  gap
    .command('list')
    .description(
      'Lists gaps: changes that were made and will not be delivered, with their bounds. Exit code 3 when one is open.',
    )
    .action(async (_flags: unknown, command: Command) => {
      const client = clientOf(command, context)
      const gaps = await client.call<CaptureGap[]>('GET', '/gaps')
      const head = ['id', 'kind', 'from', 'to', 'channels', 'node', 'segments', 'state', 'reason']
      const rows = gaps.map(one => [
        ...[one.id, one.kind, one.fromTime ?? 'unknown', one.toTime ?? 'goes on'],
        ...[one.channels.join('; '), one.node],
        one.fromSegment === '' ? '' : `${one.fromSegment}..${one.toSegment}`,
        ...[one.state, one.reason],
      ])
      client.table(gaps, head, rows)
      if (gaps.some(one => one.state === 'open')) client.exit(3)
    })
  gap
    .command('ack')
    .description('Closes a gap whose rows were read again.')
    .requiredOption('--id <n>', 'number of the gap')
    .action(async ({ id }: { id: string }, command: Command) => {
      const client = clientOf(command, context)
      if (!/^\d{1,9}$/.test(id)) throw badOption(`--id: expected a whole number, found "${id}"`)
      const one = await client.call<CaptureGap>('POST', `/gaps/${encodeURIComponent(id)}/ack`, {})
      client.say(`Gap ${one.id} is closed`, one)
    })
}
