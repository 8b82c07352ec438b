/**
 * `scamander advrep conf …` and `metrics list`: settings and numbers of capture as a whole.
 * Output and options as the replaced commands have them.
 * Spec: cdc-replication 2.4.
 */
import type { Command } from 'commander'
import type { CaptureConfEntry, CaptureMetric } from '../../api.ts'
import { CAPTURE_CONF, confNames } from '../../source/index.ts'
import type { CommandContext } from '../command-context.ts'
import { badOption } from '../connect/client-options.ts'
import { clientOf } from './advrep-client.ts'

type Flags = Readonly<Record<string, string | boolean | undefined>>

export function addConfCommands(advrep: Command, context: CommandContext): void {
  const conf = advrep.command('conf').summary('settings of capture as a whole')
  conf
    .command('list')
    .description('Lists the settings with their values.')
    .action(async (_flags: unknown, command: Command) => {
      const client = clientOf(command, context)
      const all = await client.call<CaptureConfEntry[]>('GET', '/conf')
      const rows = all.map(one => [one.name, one.value])
      client.table(all, ['name', 'value'], rows)
    })
  addChange(conf, context, 'update')
  addChange(conf, context, 'remove')
  addMetrics(advrep, context)
}

function addChange(conf: Command, context: CommandContext, verb: 'update' | 'remove'): void {
  const isUpdate = verb === 'update'
  const command = conf
    .command(verb)
    .description(isUpdate ? 'Changes settings.' : 'Sets settings back to their defaults.')
  for (const name of confNames()) {
    const { doc, value } = CAPTURE_CONF[name]
    const shown = value === '' ? doc : `${doc}; ${value}`
    command.option(`--${name} ${isUpdate ? '<value>' : '[value]'}`, shown)
  }
  command.action(async (flags: Flags, self: Command) => {
    const client = clientOf(self, context)
    const named = confNames().filter(name => flags[camel(name)] !== undefined)
    if (named.length === 0) throw badOption('expected a setting, found none')
    const body = named.map(name => [name, isUpdate ? flags[camel(name)] : null])
    const all = await client.call<CaptureConfEntry[]>('PATCH', '/conf', Object.fromEntries(body))
    client.say(`${isUpdate ? 'Updated' : 'Removed'} ${named.join(', ')}`, all)
  })
}

function camel(name: string): string {
  return name.replace(/-(.)/g, (_all, letter: string) => letter.toUpperCase())
}

interface MetricFlags {
  readonly metricGroup?: string
  readonly metricType?: string
  readonly metric?: readonly string[]
}

function metricQuery({ metricGroup, metricType, metric = [] }: MetricFlags): URLSearchParams {
  const query = new URLSearchParams()
  if (metricGroup !== undefined) query.set('group', metricGroup)
  if (metricType !== undefined) query.set('type', metricType)
  for (let i = 0; i < metric.length; i += 2) {
    const [kind = '', name] = metric.slice(i, i + 2)
    if (name === undefined || !['group', 'type'].includes(kind)) {
      throw badOption(`--metric: expected "group NAME" or "type NAME", found "${metric.join(' ')}"`)
    }
    query.set(kind, name)
  }
  return query
}

function addMetrics(advrep: Command, context: CommandContext): void {
  advrep
    .command('metrics')
    .summary('numbers of capture')
    .command('list')
    .description('Lists what was counted since the worker started.')
    .option('--metric-group <group>', 'only of this group')
    .option('--metric-type <type>', 'only of this type')
    .option('--metric <group|type and name...>', 'the same, as `--metric group Tables`')
    .action(async (flags: MetricFlags, command: Command) => {
      const client = clientOf(command, context)
      const query = metricQuery(flags)
      const text = query.toString()
      const path = `/metrics${text === '' ? '' : `?${text}`}`
      const all = await client.call<CaptureMetric[]>('GET', path)
      const rows = all.map(one => [one.group, one.type, one.count])
      client.table(all, ['Group', 'Type', 'Count'], rows)
    })
}
