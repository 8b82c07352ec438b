/**
 * `topic.creation.*`: the groups of topics that a source connector creates, with their settings, and
 * the check of these keys. The order of the groups counts; `default` comes last and takes all.
 * Read by source-framework-config.ts (check) and topic-creator.ts (use).
 * Spec: connect-rest 9; texts of Kafka Connect.
 */
import { JavaRegex } from '../base/java-regex.ts'
import type { CheckContext, PatternValue } from '../config/index.ts'

export interface TopicCreationSettings {
  readonly topicGroups: readonly string[]
  readonly topicSettings: readonly PatternValue<string>[]
}

export interface TopicGroup {
  readonly name: string
  readonly include: readonly RegExp[]
  readonly exclude: readonly RegExp[]
  /** -1: as the brokers have it. */
  readonly replicationFactor: number
  readonly partitions: number
  readonly configs: Readonly<Record<string, string>>
}

const DEFAULT = 'default'
const OWN_SETTINGS = new Set(['include', 'exclude', 'replication.factor', 'partitions'])
const COUNTS = {
  'replication.factor':
    "Replication factor must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default",
  partitions: "Number of partitions must be positive, or -1 to use the broker's default",
} as const

/** The groups in order, the default last; undefined when the connector creates no topics. */
export function topicGroupsOf(settings: TopicCreationSettings): TopicGroup[] | undefined {
  if (settings.topicGroups.length === 0 && settings.topicSettings.length === 0) return undefined
  const names = [...settings.topicGroups.filter(name => name !== DEFAULT), DEFAULT]
  const defaults = settingsOf(DEFAULT, settings)
  return names.map(name => toGroup(name, settingsOf(name, settings), defaults))
}

/** The first group whose patterns fit. */
export function groupOf(topic: string, groups: readonly TopicGroup[]): TopicGroup | undefined {
  const fits = (patterns: readonly RegExp[]) => patterns.some(pattern => pattern.test(topic))
  return groups.find(
    group => group.name === DEFAULT || (fits(group.include) && !fits(group.exclude)),
  )
}

export function checkTopicCreation(settings: TopicCreationSettings, context: CheckContext): void {
  const { topicGroups, topicSettings } = settings
  if (topicGroups.length === 0 && topicSettings.length === 0) return
  for (const name of Object.keys(COUNTS)) {
    const key = keyOf(DEFAULT, name)
    if (topicSettings.some(one => one.key === key)) continue
    const message = `Missing required configuration "${key}" which has no default value.`
    context.report({ key, kind: 'missing', message })
  }
  for (const one of topicSettings) checkSetting(one, settings, context)
  for (const group of topicGroups) {
    const key = keyOf(group, 'include')
    if (group === DEFAULT || topicSettings.some(one => one.key === key)) continue
    const message = `Missing required configuration "${key}" which has no default value.`
    context.report({ key, kind: 'missing', message })
  }
}

function checkSetting(
  { key, parts, value }: PatternValue<string>,
  { topicGroups }: TopicCreationSettings,
  context: CheckContext,
): void {
  const { group = '', setting = '' } = parts
  const refuse = (text: string) =>
    context.report({
      key,
      kind: 'invalid',
      message: `Invalid value ${context.show(key)} for configuration ${key}: ${text}`,
    })
  if (group !== DEFAULT && !topicGroups.includes(group)) {
    const message = `"${key}" has no effect: ${group} is not in topic.creation.groups`
    const advice = `Add ${group} to topic.creation.groups, or remove "${key}".`
    context.report({ key, kind: 'no-effect', severity: 'warning', message, advice })
    return
  }
  if (setting in COUNTS) {
    const count = Number(value.trim())
    if (!/^[+-]?\d+$/.test(value.trim())) refuse('Not a number of type INT')
    else if (count !== -1 && count < 1) refuse(COUNTS[setting as keyof typeof COUNTS])
  } else if (setting === 'include' || setting === 'exclude') {
    for (const text of listOf(value))
      if (toPattern(text) === undefined) refuse('Syntax error(s) in regular expression list')
  }
}

function toGroup(
  name: string,
  own: ReadonlyMap<string, string>,
  defaults: ReadonlyMap<string, string>,
): TopicGroup {
  const count = (setting: string) => Number(own.get(setting) ?? defaults.get(setting) ?? '-1')
  const patterns = (setting: string) =>
    listOf(own.get(setting) ?? '').flatMap(text => toPattern(text) ?? [])
  const configs = [...own].filter(([setting]) => !OWN_SETTINGS.has(setting))
  return {
    name,
    include: patterns('include'),
    exclude: patterns('exclude'),
    replicationFactor: count('replication.factor'),
    partitions: count('partitions'),
    configs: Object.fromEntries(configs),
  }
}

function settingsOf(
  group: string,
  { topicSettings }: TopicCreationSettings,
): ReadonlyMap<string, string> {
  const own = topicSettings.filter(one => one.parts['group'] === group)
  return new Map(own.map(one => [one.parts['setting'] ?? '', one.value]))
}

function keyOf(group: string, setting: string): string {
  return `topic.creation.${group}.${setting}`
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map(one => one.trim())
    .filter(one => one !== '')
}

function toPattern(text: string): RegExp | undefined {
  try {
    return new JavaRegex(text).whole
  } catch {
    return undefined
  }
}
