/**
 * `scamander proxy SOURCE TARGET`: the dual-write proxy, with the arguments of the Azure proxy.
 * The room parses the arguments itself, because their rules differ from those of other commands;
 * options are declared here for help and completion only.
 * Spec: live-migration 1.
 */

import { type Command, Option } from 'commander'
import { collectStartGarbage } from '../base/start-garbage.ts'
import { PROXY_OPTIONS, type ProxyOption, readProxySettings, startProxy } from '../proxy/index.ts'
import { type CommandContext, type CommonOptions, examples, loggerOf } from './command-context.ts'
import { listenForStop } from './stop-signals.ts'

const NAME = 'proxy'

export function addProxyCommand(program: Command, context: CommandContext): void {
  const command = program
    .command(NAME)
    .summary('write to two clusters at once while clients see one')
    .description(
      'Forwards the native protocol of clients to a source cluster and repeats every write on a target cluster. ' +
        'Takes the command lines of the Azure Cassandra proxy. Options with true or false take a value.',
    )
    .argument('[source]', 'node of the cluster in production')
    .argument('[target]', 'node of the new cluster')
    .allowExcessArguments()
    .allowUnknownOption()
    .addHelpText(
      'after',
      `\n-mp is a short form of --metrics-port.\n${examples(
        'scamander proxy 10.0.0.1 10.1.0.1 --disable-source-tls true --disable-target-tls true',
        'scamander proxy localhost 10.1.0.1 --source-port 3074 --proxy-port 9042 --journal /var/lib/proxy',
        'curl -s -X POST localhost:28000/api/v1/primary -d \'{"primary":"target"}\'',
      )}`,
    )
    .action(async (_source, _target, _options, self: Command) => {
      const args = rawArgsOf(program, NAME)
      context.exitCode = await runProxy(args, self.optsWithGlobals<CommonOptions>(), context)
    })
  for (const option of PROXY_OPTIONS) {
    // A common option of the program already.
    if (option.name !== 'debug') command.addOption(toOption(option))
  }
}

/** The arguments behind the command's name, as they were typed; the library keeps them. */
export function rawArgsOf(program: Command, name: string): string[] {
  const { rawArgs } = program as unknown as { rawArgs: readonly string[] }
  return rawArgs.slice(rawArgs.indexOf(name) + 1)
}

async function runProxy(
  args: readonly string[],
  options: CommonOptions,
  context: CommandContext,
): Promise<number> {
  const settings = readProxySettings(args)
  const logger = loggerOf({ ...options, debug: settings.isDebug || options.debug === true })
  const stop = listenForStop(context.err)
  try {
    const proxy = await startProxy(settings, logger.child({ room: 'proxy' }))
    const metrics = proxy.metricsPort === undefined ? '' : `, metrics at port ${proxy.metricsPort}`
    collectStartGarbage()
    logger.info(`proxy is ready for clients at port ${proxy.port}${metrics}`)
    await Promise.race([stop.stopped, proxy.failed]).finally(() => proxy.close())
    return 0
  } finally {
    stop.release()
  }
}

/** An option for the help; the room reads its value. */
export function toOption({ name, short, doc, fallback, choices }: ProxyOption): Option {
  const shortFlag = short?.length === 1 ? `-${short}, ` : ''
  // The room checks values itself, so that all mistakes end with the same exit code.
  const listed = choices === undefined ? '' : ` (${choices.join(', ')})`
  const option = new Option(`${shortFlag}--${name} [value]`, `${doc}${listed}`)
  return fallback === undefined ? option : option.default(fallback)
}
