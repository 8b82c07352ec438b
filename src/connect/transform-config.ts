/**
 * Transforms and predicates of a connector: the check of their classes and settings, and the making
 * of the chain. Findings of the framework on an alias (no type, unknown predicate) are told with the
 * settings of that alias, once. Used by connector-config.ts and when a task is built.
 * Spec: connect-rest 5.2, 9, 15.
 */
import type { ConfigSource, Lint } from '../config/index.ts'
import { materialise, parseHeaderText } from '../convert/index.ts'
import type { Transform } from '../flow/index.ts'
import type { Named } from '../pipeline/index.ts'
import {
  buildTransformChain,
  type ChainPlugins,
  evaluatePlugins,
  type PluginEvaluation,
} from '../transform/index.ts'
import { type PluginChoice, pluginsOf } from './framework-config.ts'
import type { CommonFrameworkSettings } from './framework-fields.ts'

export interface PluginFindings {
  readonly plugins: readonly PluginEvaluation[]
  /** The framework's findings that belong to no alias. */
  readonly others: readonly Lint[]
}

export function pluginEvaluations(
  source: ConfigSource,
  framework: { settings: CommonFrameworkSettings; lints: readonly Lint[] },
): PluginFindings {
  const evaluated = evaluatePlugins(choicesOf(source, framework.settings))
  const plugins = evaluated.map(({ config, evaluation }) => {
    const known = new Set(evaluation.states.map(state => state.name))
    const own = new Set(evaluation.lints.map(lint => lint.message))
    const told = framework.lints.filter(lint => known.has(lint.key) && !own.has(lint.message))
    return { config, evaluation: { ...evaluation, lints: [...evaluation.lints, ...told] } }
  })
  const keys = new Set(evaluated.flatMap(one => one.evaluation.states.map(state => state.name)))
  return { plugins, others: framework.lints.filter(lint => !keys.has(lint.key)) }
}

/** The chain of a configuration that was checked. */
export function makeTransforms(
  source: ConfigSource,
  settings: CommonFrameworkSettings,
): Named<Transform>[] {
  const context = { materialise, parseLiteral: parseHeaderText }
  return buildTransformChain(choicesOf(source, settings), context)
}

function choicesOf(source: ConfigSource, settings: CommonFrameworkSettings): ChainPlugins {
  return {
    transforms: distinct(pluginsOf('transforms', settings, source)),
    predicates: distinct(pluginsOf('predicates', settings, source)),
  }
}

/** An alias given twice is told by the framework's rules; here it counts once. */
function distinct(choices: readonly PluginChoice[]): PluginChoice[] {
  return [...new Map(choices.map(choice => [choice.alias, choice])).values()]
}
