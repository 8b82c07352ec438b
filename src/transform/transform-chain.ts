/**
 * The chain of transforms of one connector, made from its aliases: each transform with its
 * predicate, problems of all of them reported together under their full keys.
 * Called when a configuration is checked (`evaluatePlugins`) and when a task is built
 * (`buildTransformChain`). Spec: connect-rest 5.2, 9, 15.
 * Invariant: a chain is built only from settings without an error; a transform that drops a record
 * ends the chain.
 */
import {
  type AnyConfig,
  booleanField,
  CONFIG_ERRORS,
  ConfigError,
  type ConfigSource,
  classField,
  defineConfig,
  type Evaluation,
  evaluateConfig,
  type Field,
  type Fields,
  hasErrors,
  type Lint,
  shownValue,
  stringField,
} from '../config/index.ts'
import type { Transform } from '../flow/index.ts'
import type { PluginFactory, Predicate, TransformContext } from './plugin.ts'
import { predicateClasses, transformClasses } from './transform-classes.ts'

export type PluginKind = 'transforms' | 'predicates'

/** One alias: its class and its settings, prefix taken off. */
export interface PluginChoice {
  readonly alias: string
  readonly className: string
  readonly options: ConfigSource
}

export interface ChainPlugins {
  /** In the order of application. */
  readonly transforms: readonly PluginChoice[]
  readonly predicates: readonly PluginChoice[]
}

/** A component with the class name that users know it by. */
export interface NamedTransform {
  readonly className: string
  readonly component: Transform
}

/** The declaration and the findings of one alias; keys are full (`transforms.A.spec`). */
export interface PluginEvaluation {
  readonly config: AnyConfig
  readonly evaluation: Evaluation<Fields>
}

/** For REST validation and `lint`; keys carry their prefix, groups read `Transforms: A`. */
export function evaluatePlugins({ transforms, predicates }: ChainPlugins): PluginEvaluation[] {
  return [
    ...transforms.map(choice => evaluatePlugin('transforms', choice)),
    ...predicates.map(choice => evaluatePlugin('predicates', choice)),
  ]
}

/** Throws one ConfigError with every problem of every alias. */
export function buildTransformChain(
  plugins: ChainPlugins,
  context: TransformContext,
): NamedTransform[] {
  const lints = evaluatePlugins(plugins).flatMap(one => one.evaluation.lints)
  const problems = [...lints, ...linkProblems(plugins)]
  if (hasErrors(problems)) {
    const errors = problems.filter(lint => lint.severity === 'error')
    throw new ConfigError(CONFIG_ERRORS.INVALID, errors, { title: 'Transforms' })
  }
  const predicates = new Map(
    plugins.predicates.map(({ alias, className, options }) => [
      alias,
      predicateClasses.get(className)!.create(options, context),
    ]),
  )
  return plugins.transforms.map(({ className, options }) => {
    const factory = transformClasses.get(className)!
    const transform = factory.create(options, context)
    const predicate = predicates.get(options.entries.get('predicate')?.value.trim() ?? '')
    const isNegated = options.entries.get('negate')?.value.trim().toLowerCase() === 'true'
    const component =
      predicate === undefined ? transform : conditional(transform, predicate, isNegated)
    return { className: factory.className, component }
  })
}

/** Applies the transform only where the predicate holds, or does not hold when negated. */
function conditional(transform: Transform, predicate: Predicate, isNegated: boolean): Transform {
  return {
    apply: record => (predicate.test(record) === isNegated ? record : transform.apply(record)),
  }
}

function evaluatePlugin(kind: PluginKind, choice: PluginChoice): PluginEvaluation {
  const classes: ReadonlyMap<string, PluginFactory<unknown>> = kind === 'transforms'
    ? transformClasses
    : predicateClasses
  const factory = classes.get(choice.className)
  const prefix = `${kind}.${choice.alias}.`
  const config = embeddedConfig(kind, choice.alias, factory?.config)
  const entries = [...choice.options.entries].map(([key, entry]) => [prefix + key, entry] as const)
  const source = { ...choice.options, entries: new Map(entries), lints: [] }
  const isForeignKey = () => factory === undefined
  return { config, evaluation: evaluateConfig(config, source, { isForeignKey }) }
}

/** The settings of a class, and those of the chain, under the keys and in the group of the alias. */
function embeddedConfig(kind: PluginKind, alias: string, own: AnyConfig | undefined): AnyConfig {
  const prefix = `${kind}.${alias}.`
  const group = `${kind === 'transforms' ? 'Transforms' : 'Predicates'}: ${alias}`
  const fields: Record<string, Field<unknown>> = { $type: typeField(kind) }
  if (kind === 'transforms') Object.assign(fields, CHAIN_FIELDS)
  for (const [name, field] of Object.entries(own?.fields ?? {})) {
    if (field.kind === 'field') fields[name] = field
  }
  const embedded = Object.entries(fields).map(([name, field]) => [
    name,
    {
      ...field,
      name: prefix + field.name,
      group,
      aliases: field.aliases.map(other => ({ ...other, key: prefix + other.key })),
    },
  ])
  return defineConfig(prefix.slice(0, -1), Object.fromEntries(embedded) as Fields, {
    summary: own?.summary ?? '',
    description: own?.description ?? '',
    crossChecks: own === undefined ? [] : [crossCheckOf(own, prefix)],
  })
}

/** The rules of a class, which know their keys without prefix. */
function crossCheckOf(own: AnyConfig, prefix: string) {
  type Check = AnyConfig['crossCheck']
  const check: Check = (settings, context) =>
    own.crossCheck(settings, {
      source: context.source,
      entryOf: key => context.entryOf(prefix + key),
      isSet: key => context.isSet(prefix + key),
      hasFailed: key => context.hasFailed(prefix + key),
      show: key => context.show(prefix + key),
      report: report => {
        const named = ` for configuration ${report.key}: `
        const message = report.message.replace(
          named,
          () => ` for configuration ${prefix}${report.key}: `,
        )
        context.report({ ...report, key: prefix + report.key, message })
      },
    })
  return check
}

function typeField(kind: PluginKind): Field<string> {
  const classes = kind === 'transforms' ? transformClasses : predicateClasses
  const names = [...new Set([...classes.values()].map(one => one.className))]
  return classField('type', {
    required: true,
    importance: 'high',
    doc: `Class of the ${kind === 'transforms' ? 'transform' : 'predicate'}.`,
    recommended: names,
    validator: {
      expected: 'the class of a plugin',
      check: name => (classes.has(name) ? [] : [`Class ${name} could not be found.`]),
    },
  })
}

const CHAIN_FIELDS: Readonly<Record<string, Field<unknown>>> = {
  $predicate: stringField('predicate', {
    doc: 'The alias of a predicate used to determine whether to apply this transformation.',
  }),
  $negate: booleanField('negate', {
    default: false,
    doc: 'Whether the configured predicate should be negated.',
  }),
}

/** What the framework's own rules find too; here for chains that are built without them. */
function linkProblems({ transforms, predicates }: ChainPlugins): Lint[] {
  const known = new Set(predicates.map(choice => choice.alias))
  return transforms.flatMap(({ alias, options }): Lint[] => {
    const key = `transforms.${alias}.predicate`
    const entry = options.entries.get('predicate')
    const name = entry?.value.trim()
    const problem = (at: string, message: string): Lint => ({
      kind: 'conflict',
      severity: 'error',
      key: at,
      message,
    })
    if (entry === undefined || name === undefined) {
      if (!options.entries.has('negate')) return []
      const negate = `transforms.${alias}.negate`
      return [
        problem(
          negate,
          `Config '${negate}' was provided but there is no config '${key}' defining a predicate to be negated.`,
        ),
      ]
    }
    if (known.has(name)) return []
    return [
      problem(
        key,
        `Invalid value ${shownValue(key, entry)} for configuration ${key}: predicate alias is not in 'predicates'`,
      ),
    ]
  })
}
