/**
 * Long acts under way: what each does, how far it is, the way to it, and Stop where it can be stopped.
 * Loaded when the tray of the header is opened.
 * Invariants: 100 % is never shown, because what ended is not here; an unknown end has no percent.
 * Spec: ui 4.3 (progress), 4.5 (stop).
 */
import { Button, Group, Progress, Stack } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { ActivityItem, ActivityKind } from '../../api-v1-activity.ts'
import { call, part } from '../api-client.ts'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toDuration } from '../parts/format.ts'
import { useMay } from '../parts/session.ts'
import { toastProblem } from '../parts/toast.ts'
import { useClock } from '../parts/use-clock.ts'
import { activityText, shareOf } from './activity-text.ts'

interface ActivityListProps {
  readonly items: readonly ActivityItem[]
  readonly onLeave: () => void
}

const WORDS: Readonly<Record<ActivityKind, string>> = {
  run: 'Run',
  snapshot: 'Copy of rows',
  copy: 'Copy',
  validate: 'Validation',
  repair: 'Repair',
  replay: 'Replay',
}

export function ActivityList({ items, onLeave }: ActivityListProps) {
  const [asked, setAsked] = useState<ActivityItem>()
  const stop = useStop(() => setAsked(undefined))
  return (
    <Stack gap="md" data-testid="activity-list">
      <strong>Activity</strong>
      {items.length === 0 && <p className="sc-lead">Nothing is under way.</p>}
      {items.length > 0 && (
        <ul className="sc-notices">
          {items.map(one => (
            <Row key={one.key} item={one} onLeave={onLeave} onStop={() => setAsked(one)} />
          ))}
        </ul>
      )}
      <ConfirmDialog
        opened={asked !== undefined}
        title={`Stop ${asked?.name}?`}
        text={
          asked?.kind === 'run'
            ? 'It ends after the present page and keeps its progress.'
            : 'It ends after the ranges that are being worked on; what was done stays.'
        }
        verb={asked?.kind === 'run' ? 'Stop run' : 'Stop'}
        busy={stop.isPending}
        onConfirm={() => asked !== undefined && stop.mutate(asked)}
        onClose={() => setAsked(undefined)}
      />
    </Stack>
  )
}

interface RowProps {
  readonly item: ActivityItem
  readonly onLeave: () => void
  readonly onStop: () => void
}

function Row({ item, onLeave, onStop }: RowProps) {
  const mayStop = useMay(item.kind === 'run' ? 'job_operator' : 'standard')
  const nowMs = useClock(1_000)
  const share = shareOf(item)
  const forMs = item.startedAt === null ? undefined : nowMs - Date.parse(item.startedAt)
  return (
    <li
      data-testid="activity-item"
      data-key={item.key}
      data-kind={item.kind}
      data-state={item.state}
    >
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <span>
          {WORDS[item.kind]} · <Place item={item} onLeave={onLeave} />
        </span>
        {item.canStop && mayStop && (
          <Button
            size="compact-sm"
            onClick={onStop}
            aria-label={`Stop ${item.name}`}
            data-testid="activity-stop"
          >
            Stop
          </Button>
        )}
      </Group>
      <Progress
        value={share === undefined ? 100 : share * 100}
        animated={share === undefined}
        striped={share === undefined}
        aria-label={`Progress of ${item.name}`}
        mt="xs"
      />
      <div className="sc-quiet" data-testid="activity-text">
        {activityText(item, forMs)}
        {forMs !== undefined && ` · for ${toDuration(Math.max(0, forMs))}`}
      </div>
    </li>
  )
}

function Place({ item, onLeave }: Omit<RowProps, 'onStop'>) {
  const { id, runId, kind, name } = item
  const shared = { className: 'sc-link', onClick: onLeave, 'data-testid': 'activity-open' }
  if (kind === 'run')
    return (
      <Link {...shared} to="/jobs/$id/runs/$run" params={{ id, run: runId ?? '' }}>
        <bdi>{name}</bdi>
      </Link>
    )
  if (kind === 'snapshot')
    return (
      <Link {...shared} to="/capture/$tab" params={{ tab: id }}>
        <bdi>{name}</bdi>
      </Link>
    )
  if (kind === 'replay')
    return (
      <Link {...shared} to="/connectors/$name/$tab" params={{ name: id, tab: 'dead-letters' }}>
        <bdi>{name}</bdi>
      </Link>
    )
  return (
    <Link {...shared} to="/migrations/$name" params={{ name: id }}>
      <bdi>{name}</bdi>
    </Link>
  )
}

function useStop(onDone: () => void) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ kind, id, runId }: ActivityItem) =>
      kind === 'run'
        ? call<unknown>('POST', `/api/v1/runs/${part(runId ?? '')}/cancel`, {})
        : call<unknown>('POST', `/api/v1/migrations/${part(id)}/acts/stop`, {}),
    onError: (error, { name }) => toastProblem(`${name} was not stopped`, error),
    onSettled: () => {
      onDone()
      void client.invalidateQueries({ queryKey: ['activity'] })
    },
  })
}
