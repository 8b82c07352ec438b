/**
 * Which saved secrets a change of properties keeps. Used by connections and by channels of alerts.
 * Invariant: a secret goes only to the address that it was entered for, protected no less than then; who
 * changes the address enters it again.
 * Spec: backlog-replication 2.17.
 */
import type { Properties, PropertyInfo } from '../api-v1.ts'
import { fieldError } from './task-target.ts'

/** What decides where secrets go, and who could read them on the way. */
const ADDRESS: ReadonlySet<string> = new Set([
  ...['url', 'allowPlainHttp', 'server', 'host', 'port', 'security'],
  ...['useSsl', 'sslVerifyHost', 'sslCa'],
])

/**
 * Keys of saved secrets that are not kept under the properties that are given; throws at the first that
 * is needed further and was left out. An empty text gives a secret up.
 */
export function lostSecrets(
  declared: readonly PropertyInfo[],
  of: { readonly saved: Properties; readonly given: Properties },
): readonly string[] {
  const { saved, given } = of
  const next = { ...saved, ...given }
  const text = ({ key, default: preset }: PropertyInfo, all: Properties) =>
    String(all[key] ?? preset ?? '').trim()
  const open = declared.filter(one => one.type !== 'secret' && ADDRESS.has(one.key))
  if (open.every(one => text(one, saved) === text(one, next))) return []
  const lost = declared.filter(
    ({ key, type }) =>
      type === 'secret' && (saved[key] ?? '') !== '' && String(given[key] ?? '').trim() === '',
  )
  for (const { key, label, when } of lost) {
    const isShown = when === undefined || when.values.includes(next[when.key] as string)
    if (isShown && (given[key] ?? null) === null)
      throw fieldError(key, `the address changed: enter ${label} again`)
  }
  return lost.map(one => one.key)
}
