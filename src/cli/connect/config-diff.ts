/**
 * The differences between a file and the configuration that a worker shows.
 * A worker shows `[hidden]` instead of a secret: such a value cannot be compared and counts as
 * equal, which is told apart.
 */
export interface ConfigDiff {
  /** `+ key=value`, `- key=value`, sorted by key; a secret's value is not shown. */
  readonly lines: readonly string[]
  /** Keys whose secrets could not be compared. */
  readonly hiddenKeys: readonly string[]
}

type Config = Readonly<Record<string, string>>

const HIDDEN = '[hidden]'

export function diffConfigs(present: Config, wanted: Config): ConfigDiff {
  const keys = [...new Set([...Object.keys(present), ...Object.keys(wanted)])].sort()
  const lines: string[] = []
  const hiddenKeys: string[] = []
  for (const key of keys) {
    const before = present[key]
    const after = wanted[key]
    if (before === after) continue
    if (before === HIDDEN && after !== undefined) {
      hiddenKeys.push(key)
      continue
    }
    if (before !== undefined) lines.push(`- ${key}=${before}`)
    if (after !== undefined) lines.push(`+ ${key}=${after}`)
  }
  return { lines, hiddenKeys }
}
