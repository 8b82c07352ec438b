/**
 * The flows of Home as a table: the same as the map, for many of them and for screen readers. A row opens
 * the drawer, the name the object itself. Used by Home with view=list.
 * Invariant: a rate that is unknown is a dash.
 * Spec: ui 4.1, 5.1 (List).
 */
import { Link } from '@tanstack/react-router'
import { DataGrid } from '../parts/data-grid/data-grid.tsx'
import type { GridColumn } from '../parts/data-grid/grid-model.ts'
import { toCount } from '../parts/format.ts'
import { StatusChip, stateWord } from '../parts/status-chip.tsx'
import { type Flow, type FlowEnd, flowRateText } from './home-model.ts'
import { useHomeChange } from './view-switch.tsx'

export function FlowList({ flows }: { readonly flows: readonly Flow[] }) {
  const change = useHomeChange()
  return (
    <DataGrid
      id="flows"
      label="Flows"
      rows={flows}
      columns={COLUMNS}
      rowKey={nameOf}
      rowTestId="flow-row"
      rowState={stateOf}
      onOpen={flow => change({ flow: flow.key }, { replace: false })}
      noun="flow"
      empty=""
    />
  )
}

const nameOf = (flow: Flow) => flow.name
const stateOf = (flow: Flow) => flow.state

const COLUMNS: GridColumn<Flow>[] = [
  {
    ...{ id: 'name', title: 'Flow', width: 208, isWide: true },
    text: nameOf,
    cell: flow => <FlowName flow={flow} />,
  },
  { ...{ id: 'kind', title: 'Kind', width: 160 }, text: flow => flow.text },
  {
    ...{ id: 'state', title: 'State', width: 136 },
    text: flow => flow.held?.text ?? stateWord(flow.state),
    cell: flow => (
      <StatusChip
        state={flow.state}
        held={flow.held}
        isRun={flow.kind === 'job'}
        testId="flow-state"
      />
    ),
  },
  {
    ...{ id: 'from', title: 'From', width: 192, isMono: true },
    text: flow => endsText(flow.from),
  },
  { ...{ id: 'to', title: 'To', width: 192, isMono: true }, text: flow => endsText(flow.to) },
  {
    ...{ id: 'rate', title: 'Rate', width: 96, isNumber: true },
    text: flow => (flow.rate === undefined ? null : String(flow.rate)),
    cell: flow => (
      <span data-testid="flow-rate" data-rate={flow.rate ?? ''}>
        {flowRateText(flow)}
      </span>
    ),
  },
  {
    ...{ id: 'lag', title: 'Lag', width: 96, isNumber: true },
    text: flow => (flow.lag === undefined ? null : String(flow.lag)),
    cell: flow => toCount(flow.lag),
  },
  {
    ...{ id: 'letters', title: 'Dead letters', width: 128, isNumber: true },
    text: flow => String(flow.deadLetters),
    cell: flow => toCount(flow.deadLetters),
  },
]

function FlowName({ flow: { kind, key, name } }: { readonly flow: Flow }) {
  const text = <bdi>{name}</bdi>
  const look = { className: 'sc-link', tabIndex: -1 }
  if (kind === 'job') {
    const params = { id: key.slice('job '.length), tab: 'overview' }
    return (
      <Link {...look} to="/jobs/$id/$tab" params={params}>
        {text}
      </Link>
    )
  }
  if (kind === 'channel') {
    return (
      <Link {...look} to="/capture/$tab" params={{ tab: 'channels' }}>
        {text}
      </Link>
    )
  }
  return (
    <Link {...look} to="/connectors/$name/$tab" params={{ name, tab: 'overview' }}>
      {text}
    </Link>
  )
}

/** "stocks, 12 more". */
function endsText(ends: readonly FlowEnd[]): string {
  const [first, ...rest] = ends
  if (first === undefined || first.kind === 'unknown') return '–'
  return rest.length === 0 ? first.name : `${first.name}, ${rest.length} more`
}
