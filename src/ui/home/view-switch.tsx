/**
 * Map or list of the flows. Used by the head of Home.
 * Invariant: the choice is in the address.
 * Spec: ui 2 (`view=map|list`), 5.1, 8 (`flow-view-list`).
 */
import { SegmentedControl } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'

export interface HomeSearch {
  readonly view?: string
}

const VIEWS = [
  ['map', 'Map'],
  ['list', 'List'],
] as const

export function useHomeView(): 'map' | 'list' {
  const { view } = useSearch({ strict: false }) as HomeSearch
  return view === 'list' ? 'list' : 'map'
}

export function ViewSwitch() {
  const view = useHomeView()
  const navigate = useNavigate()
  return (
    <SegmentedControl
      aria-label="View of the flows"
      value={view}
      onChange={next =>
        void navigate({ to: '/', search: next === 'list' ? { view: next } : {}, replace: true })
      }
      data={VIEWS.map(([value, title]) => ({
        value,
        label: <span data-testid={`flow-view-${value}`}>{title}</span>,
      }))}
    />
  )
}
