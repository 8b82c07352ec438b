/**
 * `scamander demo`: starts real servers and lets real data sets flow, with a live status.
 * Parses options; the demo room does the work. It is loaded only when it is called for, because
 * its data sets are large.
 * Spec: design, decision 2.
 */
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { DemoOptions } from '../demo/index.ts'
import { CASSANDRA_LINES } from '../sandbox/index.ts'
import { type CommandContext, examples } from './command-context.ts'

type ParsedOptions = Omit<DemoOptions, 'output'>

export function addDemoCommand(program: Command, context: CommandContext): void {
  program
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
      examples('scamander demo', 'scamander demo --once', 'scamander demo --rate 2000'),
    )
    .action(async (options: ParsedOptions) => {
      const { runDemo } = await import('../demo/index.ts')
      context.exitCode = await runDemo(options)
    })
}

function toNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Expected a whole number.')
}
