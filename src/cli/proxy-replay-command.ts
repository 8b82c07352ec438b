/**
 * `scamander proxy-replay`: writes to a cluster what the journal of a proxy says it missed.
 * Arguments are read by the proxy's room, as those of `scamander proxy`.
 * Exit code 0: everything was written; 3: some entries cannot be replayed or were refused.
 * Spec: live-migration 2.10.
 */
import type { Command } from 'commander'
import {
  endpointOf,
  REPLAY_OPTIONS,
  type ReplayResult,
  readReplaySettings,
  replayJournal,
} from '../proxy/index.ts'
import { type CommandContext, type CommonOptions, examples, loggerOf } from './command-context.ts'
import { rawArgsOf, toOption } from './proxy-command.ts'
import { listenForStop } from './stop-signals.ts'

const NAME = 'proxy-replay'

export function addProxyReplayCommand(program: Command, context: CommandContext): void {
  const command = program
    .command(NAME)
    .summary("write what a cluster missed, from a proxy's journal")
    .description(
      'Repeats the writes in the journal of a proxy on the cluster that missed them, with their first timestamps. ' +
        'Counters, conditional writes and list appends are listed in cannot-replay.jsonl instead. ' +
        'Exit codes: 0 everything was written, 3 something was not.',
    )
    .argument('[target]', 'node of the cluster to write to')
    .allowExcessArguments()
    .allowUnknownOption()
    .addHelpText(
      'after',
      examples(
        'scamander proxy-replay 10.1.0.1 --journal /var/lib/proxy --disable-target-tls true',
      ),
    )
    .action(async (_target, _options, self: Command) => {
      const options = self.optsWithGlobals<CommonOptions>()
      const result = await runReplay(rawArgsOf(program, NAME), options, context)
      const { replayed, refused, failed, broken } = result
      context.out(
        `Replayed: ${replayed}\nRefused: ${refused}\nFailed: ${failed}\nBroken: ${broken}\n`,
      )
      context.exitCode = refused + failed + broken === 0 ? 0 : 3
    })
  for (const option of REPLAY_OPTIONS) command.addOption(toOption(option))
}

async function runReplay(
  args: readonly string[],
  options: CommonOptions,
  context: CommandContext,
): Promise<ReplayResult> {
  const { journalDir, target, login, missedBy } = readReplaySettings(args)
  const stop = listenForStop(context.err)
  try {
    return await replayJournal({
      dir: journalDir,
      endpoint: endpointOf(target),
      login,
      cluster: missedBy,
      logger: loggerOf(options).child({ room: 'proxy' }),
      signal: stop.signal,
    })
  } finally {
    stop.release()
  }
}
