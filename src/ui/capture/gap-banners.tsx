/**
 * Gaps: changes that were made and will not be delivered, with their bounds and what to do. Used by the
 * overview and the agents.
 * Invariant: only open ones are shown; acknowledging one keeps it in the list of agents.
 * Spec: ui 5.5; cdc-replication 6.4.
 */
import { Button, Stack } from '@mantine/core'
import { IconXboxXFilled } from '@tabler/icons-react'
import type { CaptureGap } from '../../api.ts'
import { toLocal } from '../parts/format.ts'
import { useMay } from '../parts/session.ts'
import { toastDone, toastProblem } from '../parts/toast.ts'
import { acknowledgeGap, useCaptureChange } from './capture-queries.ts'

export function GapBanners({ gaps }: { readonly gaps: readonly CaptureGap[] }) {
  const open = gaps.filter(one => one.state === 'open')
  if (open.length === 0) return undefined
  return (
    <Stack gap="sm">
      {open.map(gap => (
        <Gap key={gap.id} gap={gap} />
      ))}
    </Stack>
  )
}

function Gap({ gap }: { readonly gap: CaptureGap }) {
  const mayRun = useMay('job_operator')
  const acknowledge = useCaptureChange(() => acknowledgeGap(gap.id))
  const go = () =>
    acknowledge.mutate(undefined, {
      onSuccess: () => toastDone('The gap was acknowledged.'),
      onError: error => toastProblem('The gap was not acknowledged', error),
    })
  return (
    <div className="sc-banner" data-role="error" data-testid="gap-row" data-key={gap.id}>
      <IconXboxXFilled size={16} aria-hidden />
      <div className="sc-grow">
        <p>
          <strong>Gap</strong> {gapSpan(gap)}: {gap.reason}
        </p>
        <p>
          {gap.channels.join('; ')}. Those changes will not come: copy the rows of the tables again,
          then acknowledge the gap.
        </p>
      </div>
      {mayRun && (
        <Button loading={acknowledge.isPending} onClick={go} data-testid="gap-acknowledge">
          Acknowledge
        </Button>
      )}
    </div>
  )
}

export function gapSpan({ fromTime, toTime }: CaptureGap): string {
  const from = fromTime === null ? 'from an unknown time' : `from ${toLocal(fromTime)}`
  return toTime === null ? `${from}, still growing` : `${from} to ${toLocal(toTime)}`
}
