/**
 * Both rows of a difference, cell by cell; equal cells are grey. Used by the page of differences.
 * Invariant: nothing of a value is drawn as HTML.
 * Spec: ui 5.6, 4.8 (cells).
 */
import { Group } from '@mantine/core'
import { Fragment } from 'react'
import type { MigrationDifference } from '../../api-v1-migrations.ts'

export function DifferenceCells({ one }: { readonly one: MigrationDifference }) {
  const names = [...new Set([...Object.keys(one.source ?? {}), ...Object.keys(one.target ?? {})])]
  const different = new Set(one.cells.map(cell => cell.column))
  const isWhole = one.source === null || one.target === null
  const value = (row: MigrationDifference['source'], name: string) =>
    row === null ? '<MISSING>' : (row[name] ?? 'NULL')
  return (
    <div data-testid="difference-cells">
      <div className="sc-cells-pair">
        <strong>Column</strong>
        <strong>Source</strong>
        <strong>Target</strong>
        {names.map(name => {
          const isSame = !isWhole && !different.has(name)
          return (
            <Fragment key={name}>
              <span className="sc-mono" data-same={isSame}>
                {name}
              </span>
              <bdi className="sc-mono" data-same={isSame}>
                {value(one.source, name)}
              </bdi>
              <bdi className="sc-mono" data-same={isSame}>
                {value(one.target, name)}
              </bdi>
            </Fragment>
          )
        })}
      </div>
      {one.cells
        .filter(cell => cell.kind !== 'value')
        .map(cell => (
          <Group key={`${cell.kind} ${cell.column}`} gap="sm">
            <span>
              {cell.kind} of <span className="sc-mono">{cell.column}</span>:
            </span>
            <span className="sc-mono">
              {cell.source ?? 'NULL'} and {cell.target ?? 'NULL'}
            </span>
          </Group>
        ))}
    </div>
  )
}
