/**
 * What of Home is in the address: map or list, how far back figures go, the open flow and the open group.
 * Used by Home and its parts.
 * Invariant: a value that is not known is the default.
 * Spec: ui 2 (`range=15m&view=map|list`), 5.1, 8 (`flow-view-list`).
 */
import { Button, Menu, SegmentedControl } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'

export interface HomeSearch {
  readonly view?: string
  readonly range?: string
  /** The key of the flow whose drawer is open. */
  readonly flow?: string
  /** The key of the group that stands unfolded. */
  readonly open?: string
}

const VIEWS = [
  ['map', 'Map'],
  ['list', 'List'],
] as const

const RANGES = [
  { value: '5m', label: 'Last 5 min', minutes: 5 },
  { value: '15m', label: 'Last 15 min', minutes: 15 },
  { value: '1h', label: 'Last hour', minutes: 60 },
  { value: '6h', label: 'Last 6 h', minutes: 360 },
  { value: '24h', label: 'Last 24 h', minutes: 1_440 },
]
const RANGE = '15m'

export function useHomeSearch(): HomeSearch {
  return useSearch({ strict: false }) as HomeSearch
}

/** Changes what is given; an empty text takes it away. */
export function useHomeChange() {
  const navigate = useNavigate()
  const search = useHomeSearch()
  return (next: HomeSearch, { replace = true }: { readonly replace?: boolean } = {}) => {
    const entries = Object.entries({ ...search, ...next }).filter(([, value]) => value !== '')
    void navigate({ to: '/', search: Object.fromEntries(entries), replace })
  }
}

export function useHomeView(): 'map' | 'list' {
  return useHomeSearch().view === 'list' ? 'list' : 'map'
}

export function useHomeMinutes(): number {
  const { range } = useHomeSearch()
  return RANGES.find(one => one.value === range)?.minutes ?? 15
}

export function RangeMenu() {
  const { range } = useHomeSearch()
  const change = useHomeChange()
  const chosen = RANGES.find(one => one.value === range) ?? RANGES.find(isDefault)
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button rightSection={<IconChevronDown size={16} stroke={1.5} />} data-testid="home-range">
          {chosen?.label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {RANGES.map(one => (
          <Menu.Item
            key={one.value}
            onClick={() => change({ range: isDefault(one) ? '' : one.value })}
            data-testid="menu-item"
            data-key={one.value}
          >
            {one.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

const isDefault = ({ value }: { readonly value: string }) => value === RANGE

export function ViewSwitch() {
  const view = useHomeView()
  const change = useHomeChange()
  return (
    <SegmentedControl
      aria-label="View of the flows"
      value={view}
      onChange={next => change({ view: next === 'list' ? next : '' })}
      data={VIEWS.map(([value, title]) => ({
        value,
        label: <span data-testid={`flow-view-${value}`}>{title}</span>,
      }))}
    />
  )
}
