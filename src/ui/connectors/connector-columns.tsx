/**
 * Columns of the list of connectors. Used by the list alone.
 * Invariant: cells are made of elements of the browser and a link, nothing that costs more.
 * Spec: ui 4.1, 5.4, 8 (`connector-open`).
 */
import { Link } from '@tanstack/react-router'
import type { GridColumn } from '../parts/data-grid/grid-model.ts'
import { StatusChip, stateWord } from '../parts/status-chip.tsx'
import { byAttention, type ConnectorRow } from './connector-state.ts'

/** The rest is counted; all are on the page of the connector. */
const TOPICS_SHOWN = 3

export const CONNECTOR_COLUMNS: readonly GridColumn<ConnectorRow>[] = [
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
    text: row => row.text ?? stateWord(row.state),
    cell: ({ state, text }) => <StatusChip state={state} text={text} />,
  },
  {
    ...{ id: 'tasks', title: 'Tasks', width: 80 },
    text: row => `${row.tasksRunning}/${row.tasksTotal}`,
  },
  {
    ...{ id: 'topics', title: 'Topics', width: 240, isMono: true, isWide: true },
    text: row => row.topics.join(', '),
    cell: ({ topics }) => <Topics topics={topics} />,
  },
  { ...{ id: 'plugin', title: 'Plugin', width: 208 }, text: row => row.plugin },
]

function Topics({ topics }: { readonly topics: readonly string[] }) {
  if (topics.length === 0) return '–'
  const more = topics.length - TOPICS_SHOWN
  return (
    <bdi title={topics.join(', ')}>
      {topics.slice(0, TOPICS_SHOWN).join(', ')}
      {more > 0 && <span className="sc-quiet"> {more} more</span>}
    </bdi>
  )
}
