/**
 * What was done before, as a list, and rates and differences over time. Used by the copy panel.
 * Invariant: a pause between two acts is a gap.
 * Spec: ui 5.6 (charts of phase 2).
 */
import type { MigrationAct, MigrationProgress } from '../../api-v1-migrations.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toAgo, toDuration, UNKNOWN } from '../parts/format.ts'
import { ScrollCard } from '../parts/scroll-card.tsx'
import { StatusChip } from '../parts/status-chip.tsx'
import { TimeChart } from '../parts/time-chart.tsx'
import { shownAct } from './migration-words.ts'

export function ActCharts({ progress }: { readonly progress: MigrationProgress }) {
  const { times, rows } = progress.rates
  const compared = progress.acts
    .filter(one => one.kind !== 'copy' && one.endedAt !== null)
    .toReversed()
  const kinds = [...new Set(compared.flatMap(one => Object.keys(one.kinds)))]
  if (times.length < 2 && compared.length < 2) return undefined
  return (
    <div className="sc-charts">
      {times.length >= 2 && (
        <TimeChart
          {...{ name: 'rows', title: 'Rows', unit: '/s', times }}
          series={[{ name: 'rows', values: rows }]}
        />
      )}
      {compared.length >= 2 && kinds.length > 0 && (
        <TimeChart
          {...{ name: 'differences', title: 'Rows that differ, by kind', unit: 'rows' }}
          times={compared.map(one => Date.parse(one.endedAt ?? one.startedAt) / 1000)}
          series={kinds.map(kind => ({
            name: kind,
            values: compared.map(one => one.kinds[kind] ?? 0),
          }))}
        />
      )}
    </div>
  )
}

export function ActsBefore({ acts }: { readonly acts: readonly MigrationAct[] }) {
  if (acts.length < 2) return undefined
  return (
    <ScrollCard label="What was done before">
      <table className="sc-grid">
        <ColumnHeads columns={['Started', 'What', 'State', 'Took', 'Result', 'By']} />
        <tbody>
          {acts.slice(1).map(one => {
            const [state, text] = shownAct(one)
            const tookMs = Date.parse(one.endedAt ?? '') - Date.parse(one.startedAt)
            return (
              <tr key={one.id} data-testid="act-row" data-key={one.id} data-state={one.state}>
                <td>{toAgo(one.startedAt)}</td>
                <td>{one.kind}</td>
                <td>
                  <StatusChip state={state} text={text} />
                </td>
                <td>{Number.isNaN(tookMs) ? UNKNOWN : toDuration(tookMs)}</td>
                <td className="sc-wrap">{one.text}</td>
                <td>{one.by}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </ScrollCard>
  )
}
