/**
 * `scamander help-config`: the settings of a component with types, defaults and meaning.
 * The text derives from the component's declaration; nothing is written here twice.
 * Called by people at a terminal; the same content is in docs/reference/config.
 */
import type { Command } from 'commander'
import { ScamanderError } from '../base/scamander-error.ts'
import {
  connectorClasses,
  converterFactories,
  predicateFactories,
  transformFactories,
} from '../catalog.ts'
import { type AnyConfig, renderHelp, suggestKey } from '../config/index.ts'
import {
  sinkFrameworkConfig,
  sourceFrameworkConfig,
  standaloneWorkerConfig,
} from '../connect/index.ts'
import { type CommandContext, examples } from './command-context.ts'
import { CLI_ERRORS } from './errors.ts'

export function addHelpConfigCommand(program: Command, context: CommandContext): void {
  program
    .command('help-config')
    .summary('explain the settings of a component')
    .description(
      'Prints every setting of a component with its type, default and meaning; without a name, the components.',
    )
    .argument('[component]', 'cassandra-sink, sink-connector, worker-standalone, JsonConverter, …')
    .addHelpText('after', examples('scamander help-config cassandra-sink', 'scamander help-config'))
    .action((name: string | undefined) => context.out(helpFor(name)))
}

function helpFor(name: string | undefined): string {
  const all = components()
  if (name === undefined) {
    const lines = [...all.values()].map(config => `${config.name.padEnd(24)}${config.summary}`)
    return `${lines.join('\n')}\n`
  }
  const config = all.get(name)
  if (config !== undefined) return renderHelp(config)
  const near = suggestKey(name, [...all.keys()])
  const hint = near === undefined ? `one of ${[...all.keys()].join(', ')}` : `"${near}"?`
  throw new ScamanderError(CLI_ERRORS.OPTION, `component: expected ${hint}, found ${name}`)
}

/** By name; several classes may share one declaration. */
function components(): Map<string, AnyConfig> {
  const all = [
    ...connectorClasses.map(one => one.config),
    sinkFrameworkConfig,
    sourceFrameworkConfig,
    standaloneWorkerConfig,
    ...converterFactories().map(one => one.config),
    ...transformFactories().map(one => one.config),
    ...predicateFactories().map(one => one.config),
  ]
  return new Map(all.map(config => [config.name, config as AnyConfig]))
}
