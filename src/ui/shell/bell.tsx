/**
 * The bell: notices of runs by day, newest first, with how many were not read. Used by the header where
 * the server has jobs.
 * Invariant: equal notices are one row with their count; the row leads to the newest of them.
 * Spec: ui 4.6, 8 (`bell`, `notice`).
 */
import {
  ActionIcon,
  Button,
  Group,
  Indicator,
  Popover,
  SegmentedControl,
  Stack,
} from '@mantine/core'
import { IconBell } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { noticesQuery, readNotices } from '../jobs/job-queries.ts'
import { toAgo } from '../parts/format.ts'
import { isTrouble, type NoticeDay, type NoticeGroup, toDays } from './notice-groups.ts'

/** Rows; what is older is on the pages of the jobs. */
const SHOWN = 40

export function Bell() {
  const [isOpen, setIsOpen] = useState(false)
  const { data = [] } = useQuery(noticesQuery)
  const groups = toDays(data).flatMap(one => one.groups)
  const unread = groups.filter(one => one.isUnread)
  const isBad = unread.some(one => isTrouble(one.newest))
  const count = unread.length
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-end" width={480} shadow="md">
      <Popover.Target>
        <ActionIcon
          aria-label={count === 0 ? 'Notices' : `Notices, ${count} not read`}
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
          data-testid="bell"
        >
          <Indicator disabled={count === 0} color={isBad ? 'error' : 'accent'} size={8}>
            <IconBell size={20} stroke={1.5} />
          </Indicator>
          {count > 0 && (
            <span className="sc-hidden" data-testid="bell-count">
              {count}
            </span>
          )}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Notices hasUnread={count > 0} onOpen={() => setIsOpen(false)} />
      </Popover.Dropdown>
    </Popover>
  )
}

interface NoticesProps {
  readonly hasUnread: boolean
  readonly onOpen: () => void
}

function Notices({ hasUnread, onOpen }: NoticesProps) {
  const [shown, setShown] = useState('all')
  const { data = [] } = useQuery(noticesQuery)
  const client = useQueryClient()
  const read = useMutation({
    mutationFn: readNotices,
    onSettled: () => client.invalidateQueries({ queryKey: noticesQuery.queryKey }),
  })
  const days = toDays(shown === 'all' ? data : data.filter(isTrouble))
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <strong>Notices</strong>
        <SegmentedControl
          aria-label="Which notices"
          size="xs"
          value={shown}
          onChange={setShown}
          data={[
            { value: 'all', label: <span data-testid="bell-all">All</span> },
            { value: 'problems', label: <span data-testid="bell-problems">Problems</span> },
          ]}
        />
        {hasUnread && (
          <Button
            size="compact-sm"
            loading={read.isPending}
            onClick={() => read.mutate()}
            data-testid="bell-read"
          >
            Mark all read
          </Button>
        )}
      </Group>
      {days.length === 0 && (
        <p className="sc-lead">{shown === 'all' ? 'Nothing new.' : 'No problems.'}</p>
      )}
      {days.length > 0 && <Days days={days} onOpen={onOpen} />}
    </Stack>
  )
}

function Days({
  days,
  onOpen,
}: {
  readonly days: readonly NoticeDay[]
  readonly onOpen: () => void
}) {
  let left = SHOWN
  return (
    <section className="sc-notices" aria-label="Notices by day">
      {days.map(({ day, groups }) => {
        const shown = groups.slice(0, Math.max(0, left))
        left -= shown.length
        return (
          shown.length > 0 && (
            <div key={day}>
              <h3 className="sc-nav-caption">{day}</h3>
              <ul className="sc-notices" data-nested>
                {shown.map(one => (
                  <Row key={one.newest.id} group={one} onOpen={onOpen} />
                ))}
              </ul>
            </div>
          )
        )
      })}
    </section>
  )
}

function Row({ group, onOpen }: { readonly group: NoticeGroup; readonly onOpen: () => void }) {
  const { newest, count, isUnread } = group
  const { id, text, time, jobId, runId, state } = newest
  return (
    <li
      data-testid="notice"
      data-key={id}
      data-state={state ?? ''}
      data-read={!isUnread}
      data-count={count}
    >
      {jobId !== null && runId !== null ? (
        <Link
          className="sc-link"
          to="/jobs/$id/runs/$run"
          params={{ id: jobId, run: runId }}
          onClick={onOpen}
        >
          {text}
        </Link>
      ) : (
        text
      )}
      <div className="sc-quiet">
        {toAgo(time)}
        {count > 1 && (
          <span title={`${count} equal notices of this day`}>
            {' '}
            · <span data-testid="notice-count">×{count}</span>
          </span>
        )}
      </div>
    </li>
  )
}
