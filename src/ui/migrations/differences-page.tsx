/**
 * The rows that differ, cell by cell, and their repair. Route /ui/migrations/{name}/differences.
 * Invariants: what a repair will do is counted before it begins; a row on the target alone is never
 * deleted from here; values are those that the validation read.
 * Spec: ui 5.6, 4.5 (repair); live-migration 4.3.
 */
import './migrations.css'
import { Checkbox, Drawer, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { MigrationDifference, MigrationDifferences } from '../../api-v1-migrations.ts'
import { toAgo, toCount, toCounted } from '../parts/format.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { ScrollCard } from '../parts/scroll-card.tsx'
import { useMay } from '../parts/session.ts'
import { DifferenceCells } from './difference-cells.tsx'
import { differencesQuery, progressQuery } from './migration-queries.ts'
import { KINDS } from './migration-words.ts'
import { RepairBar } from './repair-bar.tsx'

export interface DifferencesSearch {
  readonly table?: string
  readonly kind?: string
}

export function DifferencesPage() {
  const { name = '' } = useParams({ strict: false })
  const search = useSearch({ strict: false }) as DifferencesSearch
  const query = useQuery(differencesQuery(name, search.table ?? '', search.kind ?? ''))
  const progress = useQuery(progressQuery(name)).data
  const isBusy = progress?.act?.state === 'running'
  return (
    <Page
      id="differences"
      title={`Differences of ${name}`}
      section="Migrations"
      loading={query.isPending}
      actions={
        <LinkButton to="/migrations/$name/phase/$phase" params={{ name, phase: '2' }}>
          Back to the copy
        </LinkButton>
      }
    >
      <Panel query={query} what="the differences">
        {data => <Differences name={name} data={data} search={search} isBusy={isBusy} />}
      </Panel>
    </Page>
  )
}

interface DifferencesProps {
  readonly name: string
  readonly data: MigrationDifferences
  readonly search: DifferencesSearch
  readonly isBusy: boolean
}

function Differences({ name, data, search, isBusy }: DifferencesProps) {
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set())
  const [opened, setOpened] = useState<number | undefined>()
  const mayRepair = useMay('standard')
  const total = Object.values(data.kinds).reduce((sum, one) => sum + one, 0)
  if (data.comparedAt === null) {
    return (
      <div className="sc-card">
        <Empty text="Nothing was compared since the server started. Rows that differ are kept in memory only. Validate to see them." />
      </div>
    )
  }
  if (total === 0) {
    const compared = `${toCounted(data.rowsCompared, 'row')}, ${toAgo(data.comparedAt)}`
    return (
      <div className="sc-card">
        <Empty
          text={
            isBusy
              ? 'No difference so far: the comparison is under way.'
              : `No differences in ${compared}.`
          }
        />
      </div>
    )
  }
  const toggle = (id: number) => {
    const next = new Set(selected)
    if (!next.delete(id)) next.add(id)
    setSelected(next)
  }
  const open = data.items.filter(one => !one.isRepaired)
  const isAll = open.length > 0 && open.every(one => selected.has(one.id))
  return (
    <Stack gap="md">
      <p className="sc-lead">
        {toCounted(total, 'row')} of {toCount(data.rowsCompared)} compared, {toAgo(data.comparedAt)}
        . Each was read again twice, 2 s apart, before it counted.
        {data.isCut && ' More rows differ than are shown here.'}
      </p>
      <KindFilter name={name} data={data} search={search} total={total} />
      <ScrollCard label="Rows that differ">
        <table className="sc-grid">
          <thead>
            <tr>
              {mayRepair && (
                <th>
                  <Checkbox
                    aria-label="Select all"
                    checked={isAll}
                    onChange={() =>
                      setSelected(isAll ? new Set() : new Set(open.map(one => one.id)))
                    }
                    data-testid="difference-select-all"
                  />
                </th>
              )}
              <th>Table</th>
              <th>Key</th>
              <th>Kind</th>
              <th>Column</th>
              <th>Source</th>
              <th>Target</th>
              <th>Outcome</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map(one => (
              <tr
                key={one.id}
                data-testid="difference-row"
                data-key={keyText(one)}
                data-state={one.isRepaired ? 'repaired' : one.kind}
                aria-selected={selected.has(one.id)}
              >
                {mayRepair && (
                  <td>
                    <Checkbox
                      aria-label={`Select ${keyText(one)}`}
                      checked={selected.has(one.id)}
                      disabled={one.isRepaired}
                      onChange={() => toggle(one.id)}
                      data-testid="difference-select"
                    />
                  </td>
                )}
                <td className="sc-mono">{one.table}</td>
                <td>
                  <button
                    type="button"
                    className="sc-text-button sc-mono"
                    aria-haspopup="dialog"
                    onClick={() => setOpened(one.id)}
                    data-testid="difference-open"
                  >
                    <bdi>{keyText(one)}</bdi>
                  </button>
                </td>
                <td>{kindWord(one.kind)}</td>
                <Short one={one} />
                <td className="sc-wrap">{one.isRepaired ? 'repaired' : (one.note ?? '–')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollCard>
      <DifferenceDrawer
        one={data.items.find(one => one.id === opened)}
        onClose={() => setOpened(undefined)}
      />
      {mayRepair && selected.size > 0 && (
        <RepairBar
          name={name}
          chosen={data.items.filter(one => selected.has(one.id))}
          isBusy={isBusy}
          onDone={() => setSelected(new Set())}
        />
      )}
    </Stack>
  )
}

interface DifferenceDrawerProps {
  /** Undefined: closed. */
  readonly one: MigrationDifference | undefined
  readonly onClose: () => void
}

function DifferenceDrawer({ one, onClose }: DifferenceDrawerProps) {
  return (
    <Drawer
      opened={one !== undefined}
      onClose={onClose}
      position="right"
      size={720}
      title={
        one !== undefined && (
          <span className="sc-mono">
            <bdi>
              {one.table} {keyText(one)}
            </bdi>
          </span>
        )
      }
      closeButtonProps={{ 'aria-label': 'Close', 'data-testid': 'dialog-close' } as object}
      data-testid="difference-drawer"
    >
      {one !== undefined && <DifferenceCells one={one} />}
    </Drawer>
  )
}

interface KindFilterProps {
  readonly name: string
  readonly data: MigrationDifferences
  readonly search: DifferencesSearch
  readonly total: number
}

function KindFilter({ name, data, search, total }: KindFilterProps) {
  const navigate = useNavigate()
  const go = (kind: string) => {
    const { kind: _before, ...rest } = search
    const next = kind === '' ? rest : { ...rest, kind }
    void navigate({ to: '/migrations/$name/differences', params: { name }, search: next })
  }
  const known = KINDS.map(([kind]) => kind)
  const others = Object.keys(data.kinds).filter(kind => !known.includes(kind))
  const all = [['', 'All'] as const, ...KINDS, ...others.map(kind => [kind, kind] as const)]
  return (
    <div>
      <fieldset className="sc-filters" aria-label="Kind">
        {all.map(([kind, word]) => (
          <button
            key={kind}
            type="button"
            aria-pressed={(search.kind ?? '') === kind}
            onClick={() => go(kind)}
            data-testid="state-filter"
            data-key={kind === '' ? 'ALL' : kind}
          >
            {word} <span>{kind === '' ? total : (data.kinds[kind] ?? 0)}</span>
          </button>
        ))}
      </fieldset>
    </div>
  )
}

/** The first cell that differs; the rest is behind the key. */
function Short({ one }: { readonly one: MigrationDifference }) {
  const [first] = one.cells
  const missing = <span className="sc-quiet">&lt;MISSING&gt;</span>
  const row = (cells: MigrationDifference['source']) =>
    cells === null ? missing : toCounted(Object.keys(cells).length, 'column')
  const cell = (value: string | null | undefined) => (
    <bdi className="sc-wrap">{value === null || value === undefined ? 'NULL' : cut(value)}</bdi>
  )
  const more = one.cells.length > 1 ? `, ${one.cells.length - 1} more` : ''
  return (
    <>
      <td className="sc-mono">{first === undefined ? '(row)' : `${first.column}${more}`}</td>
      <td className="sc-mono">{first === undefined ? row(one.source) : cell(first.source)}</td>
      <td className="sc-mono">{first === undefined ? row(one.target) : cell(first.target)}</td>
    </>
  )
}

const SHOWN_MAX = 200

function cut(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text
}

export function keyText({ key }: MigrationDifference): string {
  const parts = Object.entries(key).map(([name, value]) => `${name}=${value ?? 'NULL'}`)
  return cut(parts.join(', '))
}

function kindWord(kind: string): string {
  return KINDS.find(([known]) => known === kind)?.[1] ?? kind
}
