/**
 * Columns of the list of connectors. Used by the list alone.
 * Invariant: cells are made of elements of the browser and a link, nothing that costs more.
 * Spec: ui 4.1, 5.4, 8 (`connector-open`).
 */
import { Link } from '@tanstack/react-router'
import { isWaiting } from '../home/held.ts'
import { rateText } from '../home/home-model.ts'
import type { GridColumn } from '../parts/data-grid/grid-model.ts'
import { toCount } from '../parts/format.ts'
import { StatusChip, stateWord } from '../parts/status-chip.tsx'
import { byAttention } from './connector-state.ts'
import type { ListedConnector } from './listed-connectors.ts'

/** The rest is counted; all are on the page of the connector. */
const NAMES_SHOWN = 3

export const CONNECTOR_COLUMNS: readonly GridColumn<ListedConnector>[] = [
  {
    ...{ id: 'name', title: 'Name', width: 200 },
    text: row => row.name,
    cell: ({ name }) => (
      <Link
        className="sc-link"
        to="/connectors/$name/$tab"
        params={{ name, tab: 'overview' }}
        tabIndex={-1}
        data-testid="connector-open"
      >
        <bdi>{name}</bdi>
      </Link>
    ),
  },
  { ...{ id: 'type', title: 'Type', width: 88 }, text: row => row.type },
  {
    ...{ id: 'state', title: 'State', width: 248, order: byAttention },
    text: row => row.held?.text ?? row.text ?? stateWord(row.state),
    cell: ({ state, text, held }) => <StatusChip state={state} text={text} held={held} />,
  },
  {
    ...{ id: 'tasks', title: 'Tasks', width: 80 },
    text: row => `${row.tasksRunning}/${row.tasksTotal}`,
  },
  {
    ...{ id: 'topics', title: 'Topics → tables', width: 240, isMono: true, isWide: true },
    text: row => [...row.topics, ...row.tables].join(', '),
    cell: row => <Route row={row} />,
  },
  {
    ...{ id: 'rate', title: 'Rate', width: 88, isNumber: true, order: byRate },
    text: row => (row.rate === undefined ? null : String(Math.round(row.rate))),
    cell: ({ rate, state, held, lag }) => rateText(rate, isWaiting(state, held, lag)),
  },
  {
    ...{ id: 'lag', title: 'Lag', width: 88, isNumber: true },
    text: row => (row.lag === undefined ? null : String(row.lag)),
    cell: ({ lag }) => <span title={lag?.toLocaleString('en-US')}>{toCount(lag)}</span>,
  },
  { ...{ id: 'plugin', title: 'Plugin', width: 208 }, text: row => row.plugin },
]

/** What has no rate stands last when the fastest stand first. */
function byRate(one: ListedConnector, other: ListedConnector): number {
  return (one.rate ?? -1) - (other.rate ?? -1)
}

function Route({ row: { topics, tables } }: { readonly row: ListedConnector }) {
  if (topics.length + tables.length === 0) return '–'
  const whole = [topics, tables].map(names => names.join(', ')).filter(text => text !== '')
  return (
    <bdi title={whole.join(' → ')}>
      <Names names={topics} />
      {topics.length > 0 && tables.length > 0 && ' → '}
      <Names names={tables} />
    </bdi>
  )
}

function Names({ names }: { readonly names: readonly string[] }) {
  const more = names.length - NAMES_SHOWN
  return (
    <>
      {names.slice(0, NAMES_SHOWN).join(', ')}
      {more > 0 && <span className="sc-quiet"> {more} more</span>}
    </>
  )
}
