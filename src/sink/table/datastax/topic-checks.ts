/**
 * Rules between the `topic.*` settings of the DataStax dialect.
 * Run by `evaluateConfig`; `topics` is a framework key and read from the source.
 * Spec: cassandra-sink 3.4, 3.5.
 */
import {
  type CheckContext,
  HIDDEN,
  parseList,
  type Settings,
  suggestKey,
} from '../../../config/index.ts'
import { CODEC_SETTINGS, TABLE_SETTINGS, type tableFields } from './table-fields.ts'
import { groupTables, internalName, namedIn, tableKey } from './topics.ts'

type TopicFieldSettings = Settings<typeof tableFields>

/** Any other key that begins with `topic.` stops the start. */
export function checkUnknownTopicKeys(settings: TopicFieldSettings, context: CheckContext): void {
  for (const { key } of settings.topicOthers) {
    const name = key.slice(key.lastIndexOf('.') + 1)
    const near = suggestKey(name, [...TABLE_SETTINGS, ...CODEC_SETTINGS])
    const isNear = near !== undefined && near !== name
    context.report({
      key,
      kind: 'unknown-key',
      message: `Unknown setting "${key}"`,
      expected:
        'topic.<topic>.<keyspace>.<table>.<setting> or topic.<topic>.codec.<setting>; settings: ' +
        `${TABLE_SETTINGS.join(', ')}; codec settings: ${CODEC_SETTINGS.join(', ')}`,
      ...(isNear ? { advice: `Did you mean "${near}" instead of "${name}"?` } : {}),
    })
  }
}

export function checkTables(_settings: TopicFieldSettings, context: CheckContext): void {
  for (const [key, named] of namedIn(context.source).tables) {
    if (!context.isSet(`${key}.mapping`)) {
      context.report({
        key: `${key}.mapping`,
        kind: 'missing',
        message: `Missing required configuration "${key}.mapping" which has no default value.`,
        advice: 'Example: id=key, name=value.name',
      })
    }
    for (const name of [named.keyspace, named.table]) {
      if (internalName(name) !== undefined) continue
      const message = `The quoted name ${name} in the keys of ${key} is not a CQL identifier`
      context.report({ key: `${key}.mapping`, kind: 'invalid', message })
    }
  }
}

/** Every subscribed topic needs a table, and so does every topic with codec settings. */
export function checkTopics(_settings: TopicFieldSettings, context: CheckContext): void {
  const { tables, codecTopics } = namedIn(context.source)
  const fed = new Set([...tables.values()].map(table => table.topic))
  const topics = context.source.entries.get('topics')
  const subscribed = parseList(topics?.value ?? '')
  for (const topic of subscribed) {
    if (fed.has(topic)) continue
    const name = topics?.hidden === true ? HIDDEN : topic
    context.report({
      key: 'topics',
      kind: 'missing',
      message: `The topic ${name} has no table; expected at least one table configuration`,
      advice: `Add topic.${name}.<keyspace>.<table>.mapping.`,
    })
  }
  for (const [topic, key] of codecTopics) {
    if (fed.has(topic) || subscribed.includes(topic)) continue
    context.report({
      key,
      kind: 'missing',
      message: `The topic ${topic} has codec settings only; expected at least one table configuration`,
      advice: `Add topic.${topic}.<keyspace>.<table>.mapping.`,
    })
  }
}

/**
 * A table of a topic that is not read feeds nothing: told once per topic. Nothing is told where the
 * names are open: `topics.regex`, or a router that renames topics.
 */
export function checkUnreadTopics(_settings: TopicFieldSettings, context: CheckContext): void {
  const { entries } = context.source
  const topics = entries.get('topics')
  const subscribed = parseList(topics?.value ?? '')
  if (subscribed.length === 0 || entries.has('topics.regex') || hasRouter(context)) return
  const told = new Set(subscribed)
  for (const [table, { topic }] of namedIn(context.source).tables) {
    if (told.has(topic)) continue
    told.add(topic)
    const key = TABLE_SETTINGS.map(name => `${table}.${name}`).find(one => entries.has(one))
    const near = topics?.hidden === true ? undefined : suggestKey(topic, subscribed)
    const hint = near === undefined ? '' : `; did you mean "${near}"?`
    context.report({
      key: key ?? `${table}.mapping`,
      kind: 'no-effect',
      severity: 'warning',
      message: `The settings of ${table} feed nothing: the topic ${topic} is not in topics${hint}`,
      advice: `Add ${topic} to topics, or correct or remove the settings.`,
    })
  }
}

function hasRouter({ source }: CheckContext): boolean {
  return [...source.entries].some(
    ([key, { value }]) => /^transforms\..+\.type$/.test(key) && /Router\s*$/.test(value),
  )
}

const WITHOUT_EFFECT = ['ttl', 'ttlTimeUnit', 'timestampTimeUnit'] as const

export function checkQueries(settings: TopicFieldSettings, context: CheckContext): void {
  for (const group of groupTables(settings)) {
    const key = tableKey(group)
    const { values } = group
    if (values.query === undefined) continue
    if (values.query === '') {
      context.report({ key: `${key}.query`, kind: 'invalid', message: `${key}.query is empty` })
    }
    if (values.deletesEnabled !== false && !context.hasFailed(`${key}.deletesEnabled`)) {
      context.report({
        key: `${key}.query`,
        kind: 'conflict',
        message: `${key}.query needs ${key}.deletesEnabled=false`,
        advice: `Set ${key}.deletesEnabled to false.`,
      })
    }
    for (const setting of WITHOUT_EFFECT.filter(name => context.isSet(`${key}.${name}`))) {
      context.report({
        key: `${key}.${setting}`,
        kind: 'no-effect',
        severity: 'warning',
        message: `"${key}.${setting}" has no effect: the table has its own query`,
        advice: 'Say USING TIMESTAMP or USING TTL in the query.',
      })
    }
  }
}
