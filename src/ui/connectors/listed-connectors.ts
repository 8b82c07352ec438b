/**
 * Connectors as their list shows them: with the tables they name, the rate and the lag. Used by the list.
 * Invariant: a figure that was not measured, or is another worker's, is undefined, never 0.
 * Spec: ui 5.4.
 */
import { useMemo } from 'react'
import type { ExpandedConnector } from '../../api.ts'
import { type Held, heldOf } from '../home/held.ts'
import { rateOf, tablesOf } from '../home/home-model.ts'
import { useSamples } from '../home/home-queries.ts'
import { type ConnectorRow, toRows } from './connector-state.ts'

export interface ListedConnector extends ConnectorRow {
  readonly tables: readonly string[]
  readonly rate: number | undefined
  readonly lag: number | undefined
  readonly held: Held | undefined
}

export function useListed(
  data: Readonly<Record<string, ExpandedConnector>>,
): readonly ListedConnector[] {
  const { before, now } = useSamples()
  const rows = useMemo(
    () => toRows(data).map(row => ({ ...row, tables: tablesOf(row.config) })),
    [data],
  )
  return useMemo(
    () =>
      rows.map(row => ({
        ...row,
        rate: now === undefined ? undefined : rateOf(row.name, { before, now }),
        lag: now?.counters.get(row.name)?.lag ?? undefined,
        held: heldOf(row.state, now?.counters.get(row.name)),
      })),
    [rows, before, now],
  )
}
