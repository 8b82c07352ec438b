/**
 * The channels: what each takes where, what waits, and its acts; what is wrong and what to do about it.
 * Tab of Capture.
 * Spec: ui 5.5.
 */
import { Stack } from '@mantine/core'
import { toChannelRows } from './capture-model.ts'
import type { CaptureView } from './capture-view.ts'
import { ChannelTable } from './channel-table.tsx'
import { NoChannel, NoDestination } from './no-destination.tsx'

export function ChannelsTab({ view }: { readonly view: CaptureView }) {
  const { overview, readers } = view
  if (overview.destinations.length === 0) return <NoDestination view={view} />
  const rows = toChannelRows(overview, readers)
  if (rows.length === 0) return <NoChannel view={view} />
  return (
    <Stack gap="lg">
      <ChannelTable rows={rows} view={view} />
    </Stack>
  )
}
