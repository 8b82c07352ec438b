/**
 * The tray of long acts: how many are under way, in the header, with their progress behind it.
 * Used by the shell. Invariant: it is fed live; its list is loaded when it is opened.
 * Spec: ui 4.3, 5.1 (header), 8 (`activity`).
 */
import { ActionIcon, Popover } from '@mantine/core'
import { IconProgress } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Suspense, useState } from 'react'
import type { ActivityInfo } from '../../api-v1-activity.ts'
import { call } from '../api-client.ts'
import { lazyPart } from '../parts/lazy-part.tsx'

const ActivityList = lazyPart(async () => (await import('./activity-list.tsx')).ActivityList)

const activityQuery = queryOptions({
  queryKey: ['activity'],
  queryFn: () => call<ActivityInfo>('GET', '/api/v1/activity'),
  meta: { live: 'activity' },
})

export function Activity() {
  const [isOpen, setIsOpen] = useState(false)
  const items = useQuery(activityQuery).data?.items ?? []
  const count = items.length
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-end" width={480} shadow="md">
      <Popover.Target>
        <ActionIcon
          className="sc-activity"
          aria-label={count === 0 ? 'Activity' : `Activity, ${count} under way`}
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
          data-testid="activity"
          data-state={count === 0 ? 'idle' : 'working'}
        >
          <IconProgress size={20} stroke={1.5} aria-hidden />
          {count > 0 && <span data-testid="activity-count">{count}</span>}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        {isOpen && (
          <Suspense fallback={undefined}>
            <ActivityList items={items} onLeave={() => setIsOpen(false)} />
          </Suspense>
        )}
      </Popover.Dropdown>
    </Popover>
  )
}
