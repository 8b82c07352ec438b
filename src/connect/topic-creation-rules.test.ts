import { describe, expect, it } from 'vitest'
import { lintConfig, parseConfig, sourceOf } from '../config/index.ts'
import { sourceFrameworkConfig } from './source-framework-config.ts'
import { groupOf, topicGroupsOf } from './topic-creation-rules.ts'

const BASE = { name: 'c', 'connector.class': 'X' }
const DEFAULTS = {
  'topic.creation.default.replication.factor': '3',
  'topic.creation.default.partitions': '6',
}

function groups(more: Record<string, string>) {
  const { settings } = parseConfig(sourceFrameworkConfig, sourceOf({ ...BASE, ...more }))
  return topicGroupsOf(settings)
}

const problems = (more: Record<string, string>) =>
  lintConfig(sourceFrameworkConfig, sourceOf({ ...BASE, ...more })).map(
    one => `${one.severity} ${one.message}`,
  )

describe('topic.creation', () => {
  it('creates nothing without settings', () => {
    expect(groups({})).toBeUndefined()
  })

  it('takes the first group whose patterns fit the whole name, else the default', () => {
    const all = groups({
      ...DEFAULTS,
      'topic.creation.default.compression.type': 'lz4',
      'topic.creation.groups': 'logs, wide',
      'topic.creation.logs.include': 'log-.*,audit',
      'topic.creation.logs.exclude': 'log-old.*',
      'topic.creation.logs.cleanup.policy': 'compact',
      'topic.creation.wide.include': '.*wide.*',
      'topic.creation.wide.partitions': '50',
      'topic.creation.wide.replication.factor': '-1',
    })!
    const settingsOf = (topic: string) => {
      const { name, partitions, replicationFactor, configs } = groupOf(topic, all)!
      return [name, partitions, replicationFactor, configs]
    }
    expect(settingsOf('log-1')).toEqual(['logs', 6, 3, { 'cleanup.policy': 'compact' }])
    expect(settingsOf('audit')[0]).toBe('logs')
    expect(settingsOf('audit-2')[0]).toBe('default')
    expect(settingsOf('log-old-wide')).toEqual(['wide', 50, -1, {}])
    expect(settingsOf('other')).toEqual(['default', 6, 3, { 'compression.type': 'lz4' }])
  })

  it.each<[string, Record<string, string>, string]>([
    [
      'no partitions',
      { 'topic.creation.default.replication.factor': '1' },
      'error Missing required configuration "topic.creation.default.partitions" which has no default value.',
    ],
    [
      'a group without include',
      { ...DEFAULTS, 'topic.creation.groups': 'a' },
      'error Missing required configuration "topic.creation.a.include" which has no default value.',
    ],
    [
      'no number',
      { ...DEFAULTS, 'topic.creation.default.partitions': 'x' },
      'error Invalid value x for configuration topic.creation.default.partitions: Not a number of type INT',
    ],
    [
      'zero partitions',
      { ...DEFAULTS, 'topic.creation.default.partitions': '0' },
      "error Invalid value 0 for configuration topic.creation.default.partitions: Number of partitions must be positive, or -1 to use the broker's default",
    ],
    [
      'a broken pattern',
      { ...DEFAULTS, 'topic.creation.groups': 'a', 'topic.creation.a.include': '(' },
      'error Invalid value ( for configuration topic.creation.a.include: Syntax error(s) in regular expression list',
    ],
    [
      'a group that is not listed',
      { ...DEFAULTS, 'topic.creation.b.include': 'x' },
      'warning "topic.creation.b.include" has no effect: b is not in topic.creation.groups',
    ],
  ])('tells: %s', (_what, more, message) => {
    expect(problems(more)).toContain(message)
  })
})
