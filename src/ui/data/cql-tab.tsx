/**
 * One CQL statement at a time: reads at once, changes with Allow writes, deletes with the red dialog.
 * Used by the tab CQL.
 * Invariants: the server judges the statement, before and again when it runs; the text of the editor is
 * kept per table while the page is open.
 * Spec: ui 4.5, 4.11, 5.7, 8 (`cql-editor`, `cql-run`).
 */
import { Button, Group, Stack, Switch } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { CqlCheck, CqlResult } from '../../api-v1-data.ts'
import { SqlEditor } from '../jobs/lazy-sql-editor.tsx'
import { DataGrid } from '../parts/data-grid/data-grid.tsx'
import { toCounted, toDuration } from '../parts/format.ts'
import { adviceOf } from '../parts/panel.tsx'
import { useMay } from '../parts/session.ts'
import { TypeConfirmDialog } from '../parts/type-confirm-dialog.tsx'
import { Forbidden } from './data-head.tsx'
import { checkCql, keyspacesQuery, runCql, type TablePlace, tableQuery } from './data-queries.ts'
import { columnsOf } from './row-columns.tsx'

const KEPT = new Map<string, string>()

export function CqlTab({ place }: { readonly place: TablePlace }) {
  const mayLook = useMay('job_creator')
  const { data: table } = useQuery(tableQuery(place))
  if (!mayLook) return <Forbidden what="row contents" />
  const name = `${quoted(place.keyspace)}.${quoted(place.table)}`
  return (
    <Console
      connection={place.connection}
      about={name}
      first={`SELECT * FROM ${name} LIMIT 100;`}
      isReadOnly={table?.isReadOnly === true}
    />
  )
}

/** Without a table, as for CREATE KEYSPACE and CREATE TABLE. */
export function CqlConsole({ connection }: { readonly connection: string }) {
  const mayLook = useMay('job_creator')
  if (!mayLook) return undefined
  return <Console connection={connection} about="" first="" isReadOnly={false} />
}

interface ConsoleProps {
  readonly connection: string
  /** The table, as CQL names it. */
  readonly about: string
  /** The text to begin with. */
  readonly first: string
  readonly isReadOnly: boolean
}

function Console({ connection, about, first, isReadOnly }: ConsoleProps) {
  const keptAs = `${connection} ${about}`
  const [text, setText] = useState(KEPT.get(keptAs) ?? first)
  const [isWriting, setIsWriting] = useState(false)
  const [asked, setAsked] = useState<CqlCheck | undefined>(undefined)
  const mayWrite = useMay('standard')
  const { data: keyspaces = [] } = useQuery(keyspacesQuery(connection))
  const run = useRun(connection, () => setAsked(undefined))
  const start = async () => {
    if (run.isPending) return
    const check = await run.check(text)
    if (check === undefined) return
    if (check.confirm !== null && isWriting) setAsked(check)
    else run.mutate({ cql: text, write: isWriting })
  }
  const tables = useMemo(
    () => keyspaces.flatMap(one => one.tables.map(own => `${one.name}.${own}`)).slice(0, 2_000),
    [keyspaces],
  )
  return (
    <Stack gap="md">
      <SqlEditor
        value={text}
        onChange={next => {
          setText(next)
          KEPT.set(keptAs, next)
        }}
        label="CQL"
        testId="cql-editor"
        tables={tables}
        onRun={() => void start()}
      />
      <Group gap="lg">
        <Button
          variant="filled"
          loading={run.isPending}
          onClick={() => void start()}
          data-testid="cql-run"
        >
          Run
        </Button>
        {mayWrite && (
          <Switch
            label="Allow writes"
            checked={isWriting}
            disabled={isReadOnly}
            onChange={event => setIsWriting(event.currentTarget.checked)}
            data-testid="cql-write"
          />
        )}
        <span className="sc-quiet">
          {isReadOnly
            ? 'The connection is read-only.'
            : 'One statement; Ctrl Enter runs it. Reads show up to 500 rows.'}
        </span>
      </Group>
      {run.problem !== null && <Problem error={run.problem} />}
      {run.data !== undefined && run.problem === null && <Result result={run.data} />}
      <TypeConfirmDialog
        opened={asked !== undefined}
        title={`Run ${asked?.verb}?`}
        text={`${asked?.verb} takes data away from ${asked?.confirm}, at once and for everybody. There is no way back but a backup.`}
        name={asked?.confirm ?? ''}
        verb={`Run ${asked?.verb}`}
        busy={run.isPending}
        onConfirm={() => run.mutate({ cql: text, write: true, confirm: asked?.confirm ?? '' })}
        onClose={() => setAsked(undefined)}
      />
    </Stack>
  )
}

/** Checks and runs; the problem is that of the last of both. */
function useRun(connection: string, onDone: () => void) {
  const client = useQueryClient()
  const [refused, setRefused] = useState<Error | null>(null)
  const run = useMutation({
    mutationFn: (request: Parameters<typeof runCql>[1]) => runCql(connection, request),
    onSettled: onDone,
    onSuccess: ({ kind }) => {
      if (kind !== 'read') void client.invalidateQueries({ queryKey: ['data'] })
    },
  })
  const check = async (cql: string) => {
    setRefused(null)
    run.reset()
    try {
      return await checkCql(connection, cql)
    } catch (error) {
      setRefused(error as Error)
      return undefined
    }
  }
  const { mutate, isPending, data, error } = run
  return { mutate, isPending, data, check, problem: refused ?? error }
}

function Problem({ error }: { readonly error: Error }) {
  return (
    <div className="sc-banner" data-role="error" data-testid="cql-problem" role="alert">
      <div>
        <pre className="sc-message">{error.message}</pre>
        <p className="sc-quiet">{adviceOf(error)}</p>
      </div>
    </div>
  )
}

function Result({ result }: { readonly result: CqlResult }) {
  const rows = useMemo(
    () => result.rows.map((cells, index) => ({ cells, index, token: '' })),
    [result],
  )
  const columns = useMemo(() => columnsOf(result), [result])
  if (result.columns.length === 0) {
    return (
      <div className="sc-banner" data-role="ok" data-testid="cql-done" role="status">
        <p>
          {result.kind === 'read' ? 'No rows.' : 'Done.'} {toDuration(result.tookMs)}
        </p>
      </div>
    )
  }
  return (
    <DataGrid
      id="cql-result"
      label="Rows of the statement"
      rows={rows}
      columns={columns}
      rowKey={row => String(row.index)}
      rowTestId="cql-row"
      noun="row"
      empty="No rows."
      controls={
        <span className="sc-quiet" data-testid="cql-stats">
          {result.hasMore ? `The first ${rows.length} rows` : toCounted(rows.length, 'row')} in{' '}
          {toDuration(result.tookMs)}
        </span>
      }
    />
  )
}

function quoted(name: string): string {
  return /^[a-z][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}
