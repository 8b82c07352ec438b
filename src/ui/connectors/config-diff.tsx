/**
 * What a change of a configuration would change, key by key. Used by the editor and the versions.
 * Invariant: a key that goes says so; a secret reads as the server tells it.
 * Spec: ui 5.4 (config tab), 8 (`config-diff`).
 */
import { ScrollCard } from '../parts/scroll-card.tsx'
import type { Config } from './connector-queries.ts'

interface ConfigDiffProps {
  readonly before: Config
  /** Null removes a key. */
  readonly changes: Readonly<Record<string, string | null>>
  /** Of the new values. @default "Your change" */
  readonly title?: string
}

export function ConfigDiff({ before, changes, title = 'Your change' }: ConfigDiffProps) {
  const keys = Object.keys(changes)
  return (
    <div data-testid="config-diff">
      <ScrollCard label="What changes">
        <table className="sc-grid">
          <thead>
            <tr>
              <th>{keys.length === 1 ? '1 key changes' : `${keys.length} keys change`}</th>
              <th>Now</th>
              <th>{title}</th>
            </tr>
          </thead>
          <tbody>
            {keys.map(key => (
              <tr key={key} data-testid="config-change" data-key={key}>
                <td className="sc-mono">{key}</td>
                <td className="sc-mono">{before[key] ?? '–'}</td>
                <td className="sc-mono">{changes[key] ?? 'removed'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollCard>
    </div>
  )
}
