/**
 * `scamander migration`: the runbook of a live migration, phase by phase. Works on the state file of
 * `scamander migrate` and `scamander validate`, without a server; `scamander start` serves the same
 * under /api/v1/migrations.
 * Exit codes: 0 done, 1 a check of the phase fails, 2 refused, 4 no answer.
 * Spec: live-migration 5.
 */
import { userInfo } from 'node:os'
import type { Command } from 'commander'
import type { MigrationInfo } from '../api-v1-migrations.ts'
import type { ContactPoint } from '../cassandra/index.ts'
import { MigrationDesk, type ProjectCluster } from '../migrate/index.ts'
import { type CommandContext, type CommonOptions, examples, loggerOf } from './command-context.ts'
import { DEFAULT_STATE } from './migrate-command.ts'
import { toHosts, toList } from './migration-values.ts'
import { textTable } from './text-table.ts'

interface ProjectOptions extends CommonOptions {
  readonly state: string
  readonly json?: boolean
}

interface PlanOptions extends ProjectOptions {
  readonly source: readonly ContactPoint[]
  readonly target: readonly ContactPoint[]
  readonly keyspace: string
  readonly targetKeyspace?: string
  readonly table?: readonly string[]
  readonly proxy?: readonly string[]
}

export function addMigrationCommand(program: Command, context: CommandContext): void {
  const migration = program
    .command('migration')
    .summary('lead a live migration through its phases')
    .description(
      'Keeps what is moved, in which phase it is, and who confirmed what. Checks are asked of clusters, proxies and the state file each time. ' +
        'Passwords come from SCAMANDER_SOURCE_PASSWORD and SCAMANDER_TARGET_PASSWORD, a control token of the proxies from SCAMANDER_PROXY_TOKEN. ' +
        'Exit codes: 0 done, 1 a check fails, 2 refused, 4 no answer.',
    )
    .option('--state <file>', 'state file, the one of migrate and validate', DEFAULT_STATE)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'scamander migration plan shop --source 10.0.0.1 --target 10.1.0.1 --keyspace shop --proxy http://127.0.0.1:28000',
        'scamander migration status shop',
        'scamander migration advance shop --accept all-writers',
      ),
    )
  addPlan(migration, context)
  migration
    .command('status')
    .description('Shows the phase and its checks; without a name all migrations.')
    .argument('[name]', 'migration')
    .action(async (name: string | undefined, _options, command: Command) => {
      await withDesk(command, context, async (desk, options) => {
        if (name !== undefined) return show(await desk.status(name), options, context)
        const all = desk.list().map(one => [one.name, String(one.phase), one.since])
        context.out(textTable(['name', 'phase', 'since'], all))
        return 0
      })
    })
  migration
    .command('advance')
    .description('Goes to the next phase when every check is passed or accepted.')
    .argument('<name>', 'migration')
    .option('--accept <checks>', 'checks that you take upon yourself, by comma', toList, [])
    .action(async (name: string, options: { accept: string[] }, command: Command) => {
      await withDesk(command, context, async (desk, all) => {
        const info = await desk.advance(name, { accept: options.accept, by: userName() })
        return show(info, all, context) && 0
      })
    })
  migration
    .command('back')
    .description('Goes to the phase before; the phase tells what to undo on the clusters.')
    .argument('<name>', 'migration')
    .action(async (name: string, _options, command: Command) => {
      await withDesk(command, context, async (desk, all) => {
        return show(await desk.back(name, userName()), all, context) && 0
      })
    })
}

function addPlan(migration: Command, context: CommandContext): void {
  const cluster = (command: Command, side: string) =>
    command
      .requiredOption(`--${side} <hosts>`, `nodes of the ${side}, by comma`, toHosts)
      .option(`--${side}-local-dc <name>`, `data centre of the ${side}`)
      .option(`--${side}-username <name>`, `login of the ${side}`)
      .option(`--${side}-tls`, `TLS to the ${side}`)
      .option(`--${side}-ca <file>`, `PEM authorities of the ${side}`)
      .option(`--${side}-cert <file>`, `PEM client certificate for the ${side}`)
      .option(`--${side}-key <file>`, 'PEM private key of it')
  const command = migration
    .command('plan')
    .description('Makes a migration, or plans it anew, and looks at both clusters and every table.')
    .argument('<name>', 'name of the migration')
  cluster(cluster(command, 'source'), 'target')
  command
    .requiredOption('--keyspace <name>', 'keyspace of the source')
    .option('--target-keyspace <name>', 'keyspace of the target; default: the same')
    .option('--table <names>', 'tables, by comma; default: all', toList)
    .option('--proxy <urls>', "addresses of the proxies' metrics ports, by comma", toList)
    .action(async (name: string, _options, self: Command) => {
      await withDesk(self, context, async (desk, all) => {
        const options = all as PlanOptions
        const { keyspace, targetKeyspace = keyspace, table = [], proxy = [] } = options
        const draft = { name, keyspace, targetKeyspace, tables: [...table], proxies: [...proxy] }
        const clusters = { source: toCluster(all, 'source'), target: toCluster(all, 'target') }
        return show(await desk.plan({ ...draft, ...clusters }, userName()), all, context)
      })
    })
}

function toCluster(options: object, side: 'source' | 'target'): ProjectCluster {
  const of = options as Readonly<
    Record<string, string | true | readonly ContactPoint[] | undefined>
  >
  const text = (name: string) => (of[`${side}${name}`] as string | undefined) ?? ''
  const points = of[side] as readonly ContactPoint[]
  return {
    contactPoints: points.map(({ host, port }) => `${host}:${port}`),
    ...{ localDc: text('LocalDc'), username: text('Username') },
    ...{ ca: text('Ca'), cert: text('Cert'), key: text('Key') },
    tls: of[`${side}Tls`] === true || text('Ca') !== '' || text('Cert') !== '',
  }
}

async function withDesk(
  command: Command,
  context: CommandContext,
  work: (desk: MigrationDesk, options: ProjectOptions) => Promise<number>,
): Promise<void> {
  const options = command.optsWithGlobals<ProjectOptions>()
  const logger = loggerOf({ logLevel: 'error', ...options })
  const desk = new MigrationDesk({ state: options.state, logger, env: process.env })
  try {
    context.exitCode = await work(desk, options)
  } finally {
    await desk.close()
  }
}

/** Answers 1 when a check of the phase fails. */
function show(info: MigrationInfo, options: ProjectOptions, context: CommandContext): number {
  const hasFailed = info.checks.some(check => check.state === 'failed')
  if (options.json === true) context.out(`${JSON.stringify(info, undefined, 2)}\n`)
  else context.out(textOf(info))
  return hasFailed ? 1 : 0
}

function textOf(info: MigrationInfo): string {
  const { name, phase, checks, tables, dualSince } = info
  const lines = [
    `${name}: phase ${phase.number}, ${phase.title}`,
    `  ${phase.action}`,
    `  Back: ${phase.back}`,
    ...(dualSince === null ? [] : [`  Dual writing since ${dualSince}`]),
    '',
  ]
  const rows = checks.map(one => [one.state, one.key, `${one.title}: ${one.text}`])
  const found = tables
    .filter(one => one.state !== 'green')
    .map(one => [one.state, one.table, one.reasons.join('; ')])
  const parts = [
    ...(rows.length === 0 ? [] : [textTable(['state', 'check', 'what'], rows)]),
    ...(found.length === 0 ? [] : [textTable(['state', 'table', 'why'], found)]),
  ]
  return `${lines.join('\n')}${parts.join('\n')}`
}

function userName(): string {
  return process.env['USER'] ?? userInfo().username
}
