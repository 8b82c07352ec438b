/**
 * The keys of a draft that differ from their defaults, or all of them. Used by the review.
 * Invariant: secrets are not shown; a reference to a provider is shown as written.
 * Spec: ui 5.4 (review), 1 (references).
 */
import { Button } from '@mantine/core'
import { useState } from 'react'
import type { ConfigInfos } from '../../api.ts'
import { ScrollCard } from '../parts/scroll-card.tsx'
import type { Config } from './connector-queries.ts'

interface ConfigDifferencesProps {
  readonly draft: Config
  readonly infos: ConfigInfos
}

export function ConfigDifferences({ draft, infos }: ConfigDifferencesProps) {
  const [isAll, setAll] = useState(false)
  const definitions = new Map(
    infos.configs.flatMap(({ definition }) =>
      definition === null ? [] : [[definition.name, definition] as const],
    ),
  )
  const isOwn = (key: string) =>
    draft[key] !== undefined && definitions.get(key)?.default_value !== draft[key]
  const own = Object.keys(draft).filter(isOwn)
  const all = [...new Set([...Object.keys(draft), ...definitions.keys()])]
  const text = (key: string) => {
    const value = draft[key]
    if (value === undefined) return definitions.get(key)?.default_value ?? ''
    return definitions.get(key)?.type === 'PASSWORD' && !value.startsWith('${') ? '(secret)' : value
  }
  return (
    <div data-testid="review-keys">
      <div className="sc-review-head">
        <h2 className="sc-card-title">
          {isAll
            ? `All ${all.length} keys`
            : `Only what differs from the defaults (${own.length} of ${all.length} keys)`}
        </h2>
        <span className="sc-spacer" />
        <Button
          size="xs"
          onClick={() => setAll(!isAll)}
          aria-pressed={isAll}
          data-testid="review-show-all"
        >
          {isAll ? 'Show differences' : 'Show all'}
        </Button>
      </div>
      <ScrollCard label="Keys">
        <table className="sc-grid">
          <thead>
            <tr>
              <th>Key</th>
              <th>Value</th>
            </tr>
          </thead>
          <tbody>
            {(isAll ? all : own).map(key => (
              <tr key={key} data-testid="review-key" data-key={key}>
                <td className="sc-mono sc-wrap">{key}</td>
                <td className="sc-mono sc-wrap">
                  {text(key)}
                  {isAll && !isOwn(key) && <span className="sc-quiet"> (default)</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollCard>
    </div>
  )
}
