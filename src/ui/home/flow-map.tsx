/**
 * The flows of the server, from where they read to where they write, each one line that opens it.
 * Used by Home. On narrow screens the columns stand below each other.
 * Spec: ui 3 (motion), 4.9 (flow map), 5.1.
 */
import {
  IconArrowRight,
  IconChecklist,
  IconDatabase,
  IconStack2,
  IconTable,
} from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { toCount } from '../parts/format.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { type Flow, type FlowEnd, rateText } from './home-model.ts'

const ICONS = {
  topic: IconStack2,
  table: IconTable,
  backlog: IconChecklist,
  cassandra: IconDatabase,
} as const
/** The rest is counted. */
const ENDS_SHOWN = 3

export function FlowMap({ flows }: { readonly flows: readonly Flow[] }) {
  return (
    <ul className="sc-flows" aria-label="Flows">
      {flows.map(flow => (
        <li
          key={flow.key}
          className="sc-flow"
          data-testid="flow-node"
          data-key={flow.name}
          data-state={flow.state}
        >
          <Ends ends={flow.from} />
          <Edge rate={flow.rate} />
          <FlowLink flow={flow}>
            <span className="sc-flow-name">
              <bdi>{flow.name}</bdi>
            </span>
            <StatusChip state={flow.state} isRun={flow.kind === 'job'} testId="flow-state" />
            <span className="sc-quiet">{flow.text}</span>
            <Figures flow={flow} />
          </FlowLink>
          <Edge rate={flow.rate} />
          <Ends ends={flow.to} />
        </li>
      ))}
    </ul>
  )
}

/** How fast, how far behind, and what was put aside. */
function Figures({ flow }: { readonly flow: Flow }) {
  return (
    <span className="sc-flow-figures">
      <span data-testid="flow-rate" data-rate={flow.rate ?? ''}>
        {rateText(flow.rate)}
      </span>
      {flow.lag !== undefined && flow.lag > 0 && (
        <span className="sc-quiet">lag {toCount(flow.lag)}</span>
      )}
      {flow.deadLetters > 0 && (
        <span className="sc-warning">{toCount(flow.deadLetters)} dead letters</span>
      )}
    </span>
  )
}

function FlowLink({ flow, children }: { readonly flow: Flow; readonly children: ReactNode }) {
  const className = 'sc-flow-card'
  if (flow.kind === 'job') {
    const params = { id: flow.key.slice('job '.length), tab: 'overview' }
    return (
      <Link to="/jobs/$id/$tab" params={params} className={className}>
        {children}
      </Link>
    )
  }
  if (flow.kind === 'channel') {
    return (
      <Link to="/capture/$tab" params={{ tab: 'channels' }} className={className}>
        {children}
      </Link>
    )
  }
  return (
    <Link
      to="/connectors/$name/$tab"
      params={{ name: flow.name, tab: 'overview' }}
      className={className}
    >
      {children}
    </Link>
  )
}

function Ends({ ends }: { readonly ends: readonly FlowEnd[] }) {
  const rest = ends.length - ENDS_SHOWN
  return (
    <span className="sc-flow-ends">
      {ends.slice(0, ENDS_SHOWN).map(end => (
        <End key={`${end.kind} ${end.name}`} end={end} />
      ))}
      {rest > 0 && <span className="sc-quiet">{rest} more</span>}
    </span>
  )
}

function End({ end }: { readonly end: FlowEnd }) {
  if (end.kind === 'unknown') return <span className="sc-quiet">–</span>
  const Icon = ICONS[end.kind]
  return (
    <span className="sc-flow-end" title={`${end.kind} ${end.name}`}>
      <Icon size={16} stroke={1.5} aria-hidden />
      <span className="sc-hidden">{end.kind} </span>
      <bdi>{end.name}</bdi>
    </span>
  )
}

function Edge({ rate }: { readonly rate: number | undefined }) {
  const isMoving = rate !== undefined && rate > 0
  return (
    <span className="sc-flow-edge" data-moving={isMoving} aria-hidden="true">
      <IconArrowRight size={16} stroke={1.5} />
    </span>
  )
}
