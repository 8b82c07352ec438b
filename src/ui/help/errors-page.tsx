/**
 * All codes of errors of this server, with search. Route /ui/help/errors?q=.
 * Invariant: the search is in the address.
 * Spec: ui 2, 4.2 (error).
 */
import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import type { ErrorHelp } from '../../api-v1-help.ts'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { Page } from '../parts/page.tsx'
import { Empty, Panel } from '../parts/panel.tsx'
import { errorsQuery } from './help-queries.ts'

export interface ErrorsSearch {
  readonly q?: string
}

export function ErrorsPage() {
  const query = useQuery(errorsQuery)
  const { q = '' } = useSearch({ strict: false }) as ErrorsSearch
  const navigate = useNavigate()
  const search = (next: string) =>
    void navigate({ to: '/help/errors', search: next === '' ? {} : { q: next }, replace: true })
  return (
    <Page id="errors" title="Errors" section="Help" loading={query.isPending}>
      <div className="sc-toolbar">
        <TextInput
          value={q}
          onChange={event => search(event.currentTarget.value)}
          placeholder="Search"
          aria-label="Search errors"
          data-testid="search"
          leftSection={<IconSearch size={16} stroke={1.5} />}
        />
      </div>
      <Panel query={query} what="the errors">
        {all => <Table rows={all.filter(one => isMatch(one, q))} />}
      </Panel>
    </Page>
  )
}

function Table({ rows }: { readonly rows: readonly ErrorHelp[] }) {
  if (rows.length === 0) {
    return (
      <div className="sc-card">
        <Empty text="No error matches." />
      </div>
    )
  }
  return (
    <div className="sc-card sc-grid-scroll">
      <table className="sc-grid">
        <ColumnHeads columns={['Code', 'When it happens', 'What to do']} />
        <tbody>
          {rows.map(({ code, summary, advice }) => (
            <tr key={code} data-testid="error-row" data-key={code}>
              <td className="sc-mono">
                <Link className="sc-link" to="/help/errors/$code" params={{ code }}>
                  {code}
                </Link>
              </td>
              <td className="sc-wrap">{summary}</td>
              <td className="sc-wrap">{advice}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function isMatch({ code, summary, advice }: ErrorHelp, q: string): boolean {
  return `${code} ${summary} ${advice}`.toLowerCase().includes(q.trim().toLowerCase())
}
