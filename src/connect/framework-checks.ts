/**
 * Rules between the framework's keys of a sink connector, with the texts of Kafka Connect.
 * Run by the declaration in framework-config.ts.
 * Spec: connect-rest 5.2, 9, 15.
 */
import { type CheckContext, HIDDEN } from '../config/index.ts'

interface TopicChoice {
  readonly topics: readonly string[]
  readonly topicsRegex: string
  /** Undefined: not given or not valid. */
  readonly regex: RegExp | undefined
}

/** Exactly one of `topics` and `topics.regex`; told on both keys. */
export function checkTopics(settings: TopicChoice, context: CheckContext): void {
  const hasTopics = settings.topics.length > 0
  const hasRegex = settings.topicsRegex !== '' || context.hasFailed('topics.regex')
  if (hasTopics !== hasRegex) return
  const message = hasTopics
    ? 'topics and topics.regex are mutually exclusive options, but both are set.'
    : 'Must configure one of topics or topics.regex'
  for (const key of ['topics', 'topics.regex']) {
    context.report({ key, kind: hasTopics ? 'conflict' : 'missing', message })
  }
}

/** A connector must not read its own dead letters. */
export function checkDeadLetters(
  settings: TopicChoice & { readonly deadLetterTopic: string },
  context: CheckContext,
): void {
  const key = 'errors.deadletterqueue.topic.name'
  const { deadLetterTopic, topics, regex } = settings
  if (deadLetterTopic === '') return
  const hide = (name: string, text: string) =>
    context.entryOf(name)?.hidden === true ? HIDDEN : text
  const name = hide(key, deadLetterTopic)
  if (topics.includes(deadLetterTopic)) {
    const list = hide('topics', topics.join(', '))
    const message = `The DLQ topic '${name}' may not be included in the list of topics ('topics=[${list}]') consumed by the connector`
    context.report({ key, kind: 'conflict', message })
  }
  if (regex?.test(deadLetterTopic) === true) {
    const text = hide('topics.regex', settings.topicsRegex)
    const message = `The DLQ topic '${name}' may not be matched by the regex for the topics ('topics.regex=${text}') consumed by the connector`
    context.report({ key, kind: 'conflict', message })
  }
}

interface Aliases {
  readonly transforms: readonly string[]
  readonly predicates: readonly string[]
}

/** Aliases are unique, have a type, and predicates that transforms name exist. */
export function checkAliases(settings: Aliases, context: CheckContext): void {
  for (const kind of ['transforms', 'predicates'] as const) {
    const aliases = settings[kind]
    if (new Set(aliases).size < aliases.length) {
      const message = `Invalid value ${context.show(kind)} for configuration ${kind}: Duplicate alias provided.`
      context.report({ key: kind, kind: 'invalid', message })
    }
    for (const alias of new Set(aliases)) {
      const key = `${kind}.${alias}.type`
      if (context.isSet(key)) continue
      const message = `Missing required configuration "${key}" which has no default value.`
      context.report({ key, kind: 'missing', message })
    }
  }
  for (const alias of settings.transforms) checkPredicate(alias, settings, context)
}

function checkPredicate(alias: string, settings: Aliases, context: CheckContext): void {
  const negate = `transforms.${alias}.negate`
  const key = `transforms.${alias}.predicate`
  const predicate = context.source.entries.get(key)?.value.trim()
  if (predicate === undefined) {
    if (!context.isSet(negate)) return
    const message = `There is no config '${key}' defining a predicate to be negated by '${negate}'`
    context.report({ key: negate, kind: 'conflict', message })
    return
  }
  if (settings.predicates.includes(predicate)) return
  const shown = context.show(key)
  const message = `Invalid value ${shown} for configuration ${key}: predicate alias is not in 'predicates'`
  context.report({ key, kind: 'invalid', message, advice: 'Add the alias to predicates.' })
}
