/**
 * `scamander start`: the server with the web page, `/api/v1` and, with a worker file, the Connect REST API.
 * Runs until it is stopped. A login comes from SCAMANDER_USERS or SCAMANDER_TOKEN.
 * Spec: design, decision 10.
 */
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { readConfigFile, readPropertiesFile } from '../config/index.ts'
import { startServer } from '../server/index.ts'
import { type CommandContext, type CommonOptions, examples, loggerOf } from './command-context.ts'
import { listenForStop } from './stop-signals.ts'

interface StartCommandOptions extends CommonOptions {
  readonly listen: string
  readonly data: string
  readonly worker?: string
  readonly connector?: readonly string[]
  readonly historyDays?: number
  readonly historyGb?: number
  readonly historyArchive?: string
}

export function addStartCommand(program: Command, context: CommandContext): void {
  program
    .command('start')
    .summary('start the server with the web page')
    .description(
      'Serves the web page at /ui/ and its API at /api/v1, and runs replication jobs. With --worker it is a standalone worker as well, at the listeners of that file. ' +
        'Without a login it listens on this machine only; users come from SCAMANDER_USERS (name:password, separated by commas), their roles from SCAMANDER_ROLES (name:role), a token from SCAMANDER_TOKEN. ' +
        'At another address and without any login the log shows a setup code for /ui/setup. SCAMANDER_ALLOWED_ADDRESSES and SCAMANDER_TRUSTED_PROXIES (10.0.0.0/8, separated by commas) say who may call.',
    )
    .option('--listen <url>', 'address without --worker', 'http://127.0.0.1:8083')
    .option('--data <folder>', 'folder of the product database', join(homedir(), '.scamander'))
    .option('--worker <file>', 'properties of a standalone worker')
    .option('--connector <file...>', 'files of connectors for the worker')
    .option('--history-days <number>', 'days that runs are kept; else the page says', toAmount)
    .option('--history-gb <number>', 'gigabytes that runs may take; else the page says', toAmount)
    .option('--history-archive <folder>', 'where runs are written to before they go')
    .addHelpText(
      'after',
      examples(
        'scamander start',
        'scamander start --data ./data --listen http://127.0.0.1:9090',
        'scamander start --worker worker.properties',
      ),
    )
    .action(async (_options, command: Command) => {
      context.exitCode = await run(command.optsWithGlobals<StartCommandOptions>(), context)
    })
}

async function run(options: StartCommandOptions, context: CommandContext): Promise<number> {
  const logger = loggerOf(options)
  const worker = options.worker === undefined ? undefined : readPropertiesFile(options.worker)
  const connectors = (options.connector ?? []).map(file => readConfigFile(file))
  const stop = listenForStop(context.err)
  try {
    const server = await startServer({
      ...{ dataFolder: options.data, listen: options.listen, logger, worker, connectors },
      retention: retentionOf(options),
      users: process.env['SCAMANDER_USERS'] ?? '',
      roles: process.env['SCAMANDER_ROLES'] ?? '',
      token: process.env['SCAMANDER_TOKEN'] ?? '',
      allowedAddresses: process.env['SCAMANDER_ALLOWED_ADDRESSES'] ?? '',
      trustedProxies: process.env['SCAMANDER_TRUSTED_PROXIES'] ?? '',
      signal: stop.signal,
    })
    logger.info(`server is ready: web page at ${server.url}/ui/, API at ${server.url}/api/v1`)
    await stop.stopped
    await server.close()
    return 0
  } catch (error) {
    if (stop.signal.aborted) return 0
    throw error
  } finally {
    stop.release()
  }
}

function retentionOf({ historyDays, historyGb, historyArchive }: StartCommandOptions) {
  return {
    ...(historyDays === undefined ? {} : { days: historyDays }),
    ...(historyGb === undefined ? {} : { gigabytes: historyGb }),
    ...(historyArchive === undefined ? {} : { archive: resolve(historyArchive) }),
  }
}

function toAmount(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('expected a number above 0')
}
