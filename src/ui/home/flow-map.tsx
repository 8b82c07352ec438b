/**
 * The flows as a map: where records come from, what moves them, where they go. Each card is a button that
 * opens the drawer of its flow; a group of many opens into its flows. The ends are told in words beside
 * it, so nothing is lost without the picture.
 * Used by Home. Invariants: dots move only where records do, and never when motion is not wanted; on narrow
 * screens the columns stand below each other.
 * Spec: ui 3 (motion), 4.9 (flow map), 5.1.
 */
import { IconChecklist, IconDatabase, IconStack2, IconTable } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { toCount } from '../parts/format.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { FlowEdge } from './flow-edge.tsx'
import {
  endKey,
  type FlowCard,
  type FlowGroup,
  foldFlows,
  pathOf,
  readersOfEnds,
} from './flow-fold.ts'
import { isWaiting } from './held.ts'
import { type Flow, type FlowEnd, flowRateText, rateText } from './home-model.ts'
import { useHomeChange, useHomeSearch } from './view-switch.tsx'

const ICONS = {
  topic: IconStack2,
  table: IconTable,
  backlog: IconChecklist,
  cassandra: IconDatabase,
} as const
/** The rest is counted. */
const ENDS_SHOWN = 3
const NO_PATH: ReadonlySet<string> = new Set()

export function FlowMap({ flows }: { readonly flows: readonly Flow[] }) {
  const { open } = useHomeSearch()
  const [path, setPath] = useState(NO_PATH)
  const cards = foldFlows(flows, open)
  const readers = useMemo(() => readersOfEnds(flows), [flows])
  const light = (flow: Flow | undefined) =>
    setPath(flow === undefined ? NO_PATH : pathOf(flow, flows))
  return (
    <>
      <div className="sc-flow sc-flow-heads" aria-hidden="true">
        <span>Sources</span>
        <span />
        <span>Pipelines</span>
        <span />
        <span>Destinations</span>
      </div>
      <ul className="sc-flows" aria-label="Flows" data-lit={path.size > 1}>
        {cards.map(card => (
          <Row key={keyOf(card)} card={card} path={path} readers={readers} onLight={light} />
        ))}
      </ul>
    </>
  )
}

function keyOf(card: FlowCard): string {
  return 'flow' in card ? card.flow.key : card.group.key
}

interface RowProps {
  readonly card: FlowCard
  readonly path: ReadonlySet<string>
  readonly readers: ReadonlyMap<string, readonly Flow[]>
  readonly onLight: (flow: Flow | undefined) => void
}

function Row({ card, path, readers, onLight }: RowProps) {
  if ('group' in card) return <GroupRow group={card.group} />
  const { flow } = card
  const light = () => onLight(flow)
  const dark = () => onLight(undefined)
  return (
    <li
      className="sc-flow"
      data-testid="flow-node"
      data-key={flow.name}
      data-kind={flow.kind}
      data-state={flow.state}
      data-lit={path.has(flow.key)}
      onMouseEnter={light}
      onMouseLeave={dark}
      onFocus={light}
      onBlur={dark}
    >
      <Ends ends={flow.from} rate={told(flow, flow.inRate)} />
      <FlowEdge rate={flow.inRate} state={flow.state} />
      <FlowButton flow={flow} />
      <FlowEdge rate={flow.rate} state={flow.state} />
      <Ends ends={flow.to} rate={told(flow, flow.rate)} readers={readers} />
    </li>
  )
}

/** Nothing moves while something waits: the card says it, its ends are no rest. */
function told({ state, held, lag }: Flow, rate: number | undefined): number | undefined {
  return rate === 0 && isWaiting(state, held, lag) ? undefined : rate
}

function FlowButton({ flow }: { readonly flow: Flow }) {
  const change = useHomeChange()
  return (
    <button
      type="button"
      className="sc-flow-card"
      onClick={() => change({ flow: flow.key }, { replace: false })}
      data-testid="flow-open"
      data-key={flow.name}
    >
      <span className="sc-flow-name">
        <bdi>{flow.name}</bdi>
      </span>
      <StatusChip
        state={flow.state}
        held={flow.held}
        isRun={flow.kind === 'job'}
        testId="flow-state"
      />
      <span className="sc-quiet">{flow.text}</span>
      <Figures flow={flow} />
    </button>
  )
}

/** Many that are alike: opened one by one. */
function GroupRow({ group }: { readonly group: FlowGroup }) {
  const change = useHomeChange()
  return (
    <li
      className="sc-flow"
      data-testid="flow-group"
      data-key={group.key}
      data-state={group.state}
      data-count={group.flows.length}
    >
      <span />
      <FlowEdge rate={group.rate} state={group.state} />
      <button
        type="button"
        className="sc-flow-card"
        onClick={() => change({ open: group.key })}
        data-testid="flow-unfold"
        data-key={group.key}
      >
        <span className="sc-flow-name">{group.name}</span>
        <StatusChip state={group.state} isRun={group.kind === 'job'} testId="flow-state" />
        <span className="sc-flow-figures">{rateText(group.rate)}</span>
      </button>
      <FlowEdge rate={group.rate} state={group.state} />
      <span />
    </li>
  )
}

/** How fast, how far behind, and what was put aside. */
function Figures({ flow }: { readonly flow: Flow }) {
  return (
    <span className="sc-flow-figures">
      <span data-testid="flow-rate" data-rate={flow.rate ?? ''}>
        {flowRateText(flow)}
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

interface EndsProps {
  readonly ends: readonly FlowEnd[]
  readonly rate: number | undefined
  /** Who goes on from them. */
  readonly readers?: ReadonlyMap<string, readonly Flow[]>
}

function Ends({ ends, rate, readers }: EndsProps) {
  const rest = ends.length - ENDS_SHOWN
  return (
    <span className="sc-flow-ends">
      {ends.slice(0, ENDS_SHOWN).map(end => (
        <End
          key={endKey(end)}
          end={end}
          rate={ends.length === 1 ? rate : undefined}
          readers={readers?.get(endKey(end))}
        />
      ))}
      {rest > 0 && <span className="sc-quiet">{rest} more</span>}
    </span>
  )
}

interface EndProps {
  readonly end: FlowEnd
  /** Undefined: it shares that of the flow with others. */
  readonly rate: number | undefined
  readonly readers: readonly Flow[] | undefined
}

function End({ end, rate, readers = [] }: EndProps) {
  if (end.kind === 'unknown') return <span className="sc-quiet">–</span>
  const Icon = ICONS[end.kind]
  const [reader] = readers
  return (
    <span
      className="sc-flow-end"
      title={`${end.kind} ${end.name}`}
      data-joined={readers.length > 0}
    >
      <Icon size={16} stroke={1.5} aria-hidden />
      <span className="sc-hidden">{end.kind} </span>
      <bdi>{end.name}</bdi>
      {rate !== undefined && <span className="sc-flow-end-rate sc-quiet">{rateText(rate)}</span>}
      {reader !== undefined && (
        <span className="sc-quiet sc-flow-reader">
          read by <bdi>{reader.name}</bdi>
          {readers.length > 1 && `, ${readers.length - 1} more`}
        </span>
      )}
    </span>
  )
}
