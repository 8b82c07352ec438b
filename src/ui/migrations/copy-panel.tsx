/**
 * Phase 2: start a copy or a validation, watch it table by table, see its token ranges, and what it
 * came to. Used by the page of a migration.
 * Invariants: 100 % only when a table is done; what was stopped goes on where it was; the act that runs
 * goes on when the page is left.
 * Spec: ui 5.6, 4.3 (progress); live-migration 3.7, 4.
 */
import { SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type {
  MigrationAct,
  MigrationInfo,
  MigrationProgress,
  MigrationTally,
} from '../../api-v1-migrations.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toCount, UNKNOWN } from '../parts/format.ts'
import { Panel } from '../parts/panel.tsx'
import { ScrollCard } from '../parts/scroll-card.tsx'
import { useMay } from '../parts/session.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { ActCard, Acts } from './act-card.tsx'
import { ActCharts, ActsBefore } from './act-history.tsx'
import { progressQuery, rangesQuery } from './migration-queries.ts'
import { shownTable } from './migration-words.ts'
import { RangeMap } from './range-map.tsx'

interface CopyPanelProps {
  readonly info: MigrationInfo
  /** Of the address: whose ranges are shown. */
  readonly table: string
  readonly mayAct: boolean
}

export function CopyPanel({ info, table, mayAct }: CopyPanelProps) {
  const query = useQuery(progressQuery(info.name))
  const isOpen = info.phase.number === 2
  const mayLook = useMay('job_creator')
  return (
    <Panel query={query} what="the progress">
      {progress => (
        <div className="sc-stack">
          {mayAct && isOpen && <Acts info={info} act={progress.act} />}
          {mayLook && (
            <Link
              className="sc-link"
              to="/migrations/$name/differences"
              params={{ name: info.name }}
              data-testid="differences-open"
            >
              Rows that differ
            </Link>
          )}
          {progress.act !== null && <ActCard act={progress.act} />}
          <Tables info={info} progress={progress} table={table} />
          <ActCharts progress={progress} />
          <ActsBefore acts={progress.acts} />
        </div>
      )}
    </Panel>
  )
}

interface TablesProps {
  readonly info: MigrationInfo
  readonly progress: MigrationProgress
  readonly table: string
}

function Tables({ info, progress, table }: TablesProps) {
  const known = new Map(progress.tables.map(one => [one.table, one]))
  const names = [...new Set([...info.tables.map(one => one.table), ...known.keys()])]
  const shown = names.includes(table) ? table : names[0]
  const { act } = progress
  if (names.length === 0) return undefined
  return (
    <>
      <ScrollCard label="Tables">
        <table className="sc-grid">
          <ColumnHeads
            columns={['Table', 'State', 'Copied ranges', 'Equal ranges', 'Rows', 'Rate', 'Rejects']}
            numbers={['Copied ranges', 'Equal ranges', 'Rows', 'Rate', 'Rejects']}
          />
          <tbody>
            {names.map(name => {
              const of = known.get(name)
              const live = act?.tables.find(one => one.table === name)
              const chip =
                live !== undefined && act !== null ? shownTable(live, act.kind) : undefined
              return (
                <tr
                  key={name}
                  data-testid="copy-row"
                  data-key={name}
                  data-state={live?.state ?? ''}
                >
                  <td>
                    <Link
                      className="sc-link sc-mono"
                      to="/migrations/$name/phase/$phase"
                      params={{ name: info.name, phase: '2' }}
                      search={{ table: name }}
                      data-testid="copy-open"
                      aria-current={name === shown}
                    >
                      {name}
                    </Link>
                    {live?.problem !== null && live !== undefined && (
                      <div className="sc-problem">{live.problem}</div>
                    )}
                  </td>
                  <td>
                    {chip === undefined ? UNKNOWN : <StatusChip state={chip[0]} text={chip[1]} />}
                  </td>
                  <td className="sc-number">{tallyText(of?.copy ?? null)}</td>
                  <td className="sc-number">{tallyText(of?.validation ?? null)}</td>
                  <td className="sc-number">{toCount(live?.rows)}</td>
                  <td className="sc-number">
                    {live?.state === 'running'
                      ? `${toCount(Math.round(live.rowsPerSecond))}/s`
                      : UNKNOWN}
                  </td>
                  <td className="sc-number">{toCount(live?.rejected)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </ScrollCard>
      {shown !== undefined && <Ranges name={info.name} table={shown} act={act} />}
    </>
  )
}

function tallyText(tally: MigrationTally | null): string {
  if (tally === null) return UNKNOWN
  const { done, total, failed, differing } = tally
  const bad = [
    ...(failed > 0 ? [`${toCount(failed)} failed`] : []),
    ...(differing > 0 ? [`${toCount(differing)} differ`] : []),
  ]
  return [`${toCount(done)} / ${toCount(total)}`, ...bad].join(', ')
}

interface RangesProps {
  readonly name: string
  readonly table: string
  readonly act: MigrationAct | null
}

const OF = [
  { value: 'copy', label: <span data-testid="ranges-of-copy">Copy</span> },
  { value: 'validation', label: <span data-testid="ranges-of-validation">Validation</span> },
]

function Ranges({ name, table, act }: RangesProps) {
  const [chosen, setChosen] = useState<'copy' | 'validation' | undefined>()
  const of = chosen ?? (act === null || act.kind === 'copy' ? 'copy' : 'validation')
  const { data } = useQuery(rangesQuery(name, table, of))
  return (
    <section className="sc-card sc-card-body" aria-labelledby="ranges-title">
      <div className="sc-toolbar">
        <h2 id="ranges-title" className="sc-card-title sc-flush">
          Token ranges of <span className="sc-mono">{table}</span>
        </h2>
        <span className="sc-spacer" />
        <SegmentedControl
          aria-label="Ranges of"
          value={of}
          onChange={next => setChosen(next as 'copy' | 'validation')}
          data={OF}
        />
      </div>
      {data === undefined || data.states === '' ? (
        <p className="sc-quiet">
          {of === 'copy' ? 'Not copied yet.' : 'Not validated yet.'} Ranges appear when it begins.
        </p>
      ) : (
        <RangeMap table={table} states={data.states} />
      )}
    </section>
  )
}
