/**
 * Old spellings of keys: each is told with its successor, and two spellings that say different
 * things stop the start. Cross check of both KCQL sinks.
 * Spec: cassandra-sink 10.4.
 */
import type { CheckContext, Fields } from '../../../config/index.ts'

export function aliasCheck(fields: Fields): (settings: unknown, context: CheckContext) => void {
  return (_settings, context) => {
    for (const field of Object.values(fields)) {
      if (field.kind !== 'field') continue
      const { entries } = context.source
      const given = [field.name, ...field.aliases.map(alias => alias.key)].filter(key =>
        entries.has(key),
      )
      const [first, ...others] = given
      for (const key of others) {
        if (entries.get(key)!.value.trim() === entries.get(first!)!.value.trim()) continue
        context.report({
          key,
          kind: 'conflict',
          message: `"${key}" and "${first}" mean the same and are set to different values`,
          advice: `Remove "${key}".`,
        })
      }
      for (const key of given.filter(one => one !== field.name)) {
        context.report({
          key,
          kind: 'deprecated',
          severity: 'warning',
          message: `"${key}" is an old spelling`,
          advice: `Use "${field.name}" instead.`,
        })
      }
    }
  }
}
