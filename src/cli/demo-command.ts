/**
 * `scamander demo`: starts real servers and lets real data sets flow, with a live status.
 * Parses options; the demo room does the work. It is loaded only when it is called for, because
 * its data sets are large.
 * Spec: design, decision 2.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { DemoOptions, MigrationDemoOptions } from '../demo/index.ts'
import { CASSANDRA_LINES } from '../sandbox/index.ts'
import { type CommandContext, examples } from './command-context.ts'

type ParsedOptions = Omit<DemoOptions, 'output'>

export function addDemoCommand(program: Command, context: CommandContext): void {
  const demo = program
    .command('demo')
    .summary('show real data flowing from Kafka into Cassandra')
    .description(
      'Starts servers, worker and REST API on this machine, streams real data sets, and shows a live status until Ctrl-C.',
    )
    .option('--once', 'send a fixed set, prove that every record arrived, and end')
    .option('--dir <folder>', 'data and logs of the servers; a temporary folder by default')
    .option('--keep', 'keep the folder')
    .option('--rate <n>', 'records per second and topic', toNumber)
    .option('--port <n>', 'port of the REST API', toNumber)
    .addOption(new Option('--cassandra <version>', 'release line').choices(CASSANDRA_LINES))
    .addHelpText(
      'after',
      examples(
        'scamander demo',
        'scamander demo --once',
        'scamander demo --rate 2000',
        'scamander demo migrate',
      ),
    )
    .action(async (options: ParsedOptions) => {
      const { runDemo } = await import('../demo/index.ts')
      context.exitCode = await runDemo(options)
    })
  demo
    .command('migrate')
    .summary('move a live table from one cluster to another')
    .description(
      'Starts two Cassandra clusters on this machine and moves a table between them while an application writes: proxy, copy, validation. Ends with the result of the validation.',
    )
    .option('--rows <n>', 'rows of the table before the migration', toNumber)
    .action(async (_options, command: Command) => {
      const { runMigrationDemo } = await import('../demo/index.ts')
      const { rows, dir, keep } = command.optsWithGlobals<MigrationDemoOptions>()
      const own = { ...(rows === undefined ? {} : { rows }), ...(dir === undefined ? {} : { dir }) }
      context.exitCode = await runMigrationDemo({ ...own, ...(keep === undefined ? {} : { keep }) })
    })
}

function toNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a whole number.')
}
