/**
 * The flows of Home as a table: the same as the map, for many of them and for screen readers.
 * Used by Home with view=list. Invariant: a rate that is unknown is a dash.
 * Spec: ui 5.1 (List).
 */
import { Link } from '@tanstack/react-router'
import { ColumnHeads } from '../parts/column-heads.tsx'
import { toCount } from '../parts/format.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { type Flow, type FlowEnd, rateText } from './home-model.ts'

const COLUMNS = ['Flow', 'Kind', 'State', 'From', 'To', 'Rate', 'Lag', 'Dead letters']
const NUMBERS = ['Rate', 'Lag', 'Dead letters']

export function FlowList({ flows }: { readonly flows: readonly Flow[] }) {
  return (
    <div className="sc-card sc-grid-scroll">
      <table className="sc-grid" aria-label="Flows">
        <ColumnHeads columns={COLUMNS} numbers={NUMBERS} />
        <tbody>
          {flows.map(flow => (
            <tr key={flow.key} data-testid="flow-row" data-key={flow.name} data-state={flow.state}>
              <td>
                <FlowName flow={flow} />
              </td>
              <td>{flow.text}</td>
              <td>
                <StatusChip state={flow.state} isRun={flow.kind === 'job'} testId="flow-state" />
              </td>
              <td className="sc-mono">{endsText(flow.from)}</td>
              <td className="sc-mono">{endsText(flow.to)}</td>
              <td className="sc-number" data-testid="flow-rate" data-rate={flow.rate ?? ''}>
                {rateText(flow.rate)}
              </td>
              <td className="sc-number">{toCount(flow.lag)}</td>
              <td className="sc-number">{toCount(flow.deadLetters)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function FlowName({ flow: { kind, key, name } }: { readonly flow: Flow }) {
  const text = <bdi>{name}</bdi>
  if (kind === 'job') {
    const params = { id: key.slice('job '.length), tab: 'overview' }
    return (
      <Link className="sc-link" to="/jobs/$id/$tab" params={params}>
        {text}
      </Link>
    )
  }
  if (kind === 'channel') {
    return (
      <Link className="sc-link" to="/capture/$tab" params={{ tab: 'channels' }}>
        {text}
      </Link>
    )
  }
  return (
    <Link className="sc-link" to="/connectors/$name/$tab" params={{ name, tab: 'overview' }}>
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
