/**
 * The bell: notices of runs, newest first, with how many were not read. Used by the header where the
 * server has jobs.
 * Spec: ui 4.6, 8 (`bell`, `notice`).
 */
import { ActionIcon, Button, Group, Indicator, Popover, Stack } from '@mantine/core'
import { IconBell } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { Notice } from '../../api-v1.ts'
import { noticesQuery, readNotices } from '../jobs/job-queries.ts'
import { toAgo } from '../parts/format.ts'

const SHOWN = 20

export function Bell() {
  const [isOpen, setIsOpen] = useState(false)
  const { data = [] } = useQuery(noticesQuery)
  const client = useQueryClient()
  const read = useMutation({
    mutationFn: readNotices,
    onSettled: () => client.invalidateQueries({ queryKey: noticesQuery.queryKey }),
  })
  const unread = data.filter(one => !one.read).length
  const isBad = data.some(one => !one.read && isTrouble(one))
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-end" width={480} shadow="md">
      <Popover.Target>
        <ActionIcon
          aria-label={unread === 0 ? 'Notices' : `Notices, ${unread} not read`}
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
          data-testid="bell"
        >
          <Indicator disabled={unread === 0} color={isBad ? 'error' : 'accent'} size={8}>
            <IconBell size={20} stroke={1.5} />
          </Indicator>
          {unread > 0 && (
            <span className="sc-hidden" data-testid="bell-count">
              {unread}
            </span>
          )}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="md">
          <Group justify="space-between">
            <strong>Notices</strong>
            {unread > 0 && (
              <Button size="compact-sm" loading={read.isPending} onClick={() => read.mutate()}>
                Mark all read
              </Button>
            )}
          </Group>
          {data.length === 0 && <p className="sc-lead">Nothing new.</p>}
          <ul className="sc-notices">
            {data.slice(0, SHOWN).map(one => (
              <Row key={one.id} notice={one} onOpen={() => setIsOpen(false)} />
            ))}
          </ul>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}

function Row({ notice, onOpen }: { readonly notice: Notice; readonly onOpen: () => void }) {
  const { id, text, time, jobId, runId, state, read } = notice
  return (
    <li data-testid="notice" data-key={id} data-state={state ?? ''} data-read={read}>
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
      <div className="sc-quiet">{toAgo(time)}</div>
    </li>
  )
}

/** Runs that went well are no reason for red. */
function isTrouble({ kind, state }: Notice): boolean {
  return kind === 'problem' || state === 'FAILED' || state === 'PARTIAL'
}
