/**
 * The acts on a channel: pause and resume at once, the others after a dialog that counts what goes.
 * Used by the list of channels, once for all its rows.
 * Invariant: emptying a queue wants the table's name typed; deleting says what goes and what stays.
 * Spec: ui 4.5, 5.5.
 */
import { type ReactNode, useState } from 'react'
import { ConfirmDialog } from '../parts/confirm-dialog.tsx'
import { toCounted } from '../parts/format.ts'
import { TypeConfirmDialog } from '../parts/type-confirm-dialog.tsx'
import type { ChannelRow } from './capture-model.ts'
import { type ChannelAct, channelTitle, useChannelAct } from './capture-queries.ts'

type Asking = 'snapshot' | 'truncate' | 'delete' | 'pause-collection'

export interface ChannelActing {
  /** Does it, or opens the dialog that asks. */
  readonly start: (act: ChannelAct, row: ChannelRow) => void
  readonly isBusy: (row: ChannelRow) => boolean
  readonly dialog: ReactNode
}

export function useChannelActing(): ChannelActing {
  const [asked, setAsked] = useState<{ readonly act: Asking; readonly row: ChannelRow }>()
  const act = useChannelAct()
  const close = () => setAsked(undefined)
  const run = (what: ChannelAct, { channel }: ChannelRow) =>
    act.mutate({ act: what, channel }, { onSettled: close })
  const start = (what: ChannelAct, row: ChannelRow) => {
    if (isAsked(what)) setAsked({ act: what, row })
    else run(what, row)
  }
  const isBusy = ({ channel }: ChannelRow) =>
    act.isPending && channelTitle(act.variables.channel) === channelTitle(channel)
  const dialog = asked !== undefined && (
    <AskDialog
      {...asked}
      busy={act.isPending}
      onConfirm={() => run(asked.act, asked.row)}
      onClose={close}
    />
  )
  return { start, isBusy, dialog }
}

interface AskDialogProps {
  readonly act: Asking
  readonly row: ChannelRow
  readonly busy: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
}

function AskDialog({ act, row, busy, onConfirm, onClose }: AskDialogProps) {
  const { channel, table } = row
  if (act === 'truncate') {
    return (
      <TypeConfirmDialog
        opened
        title={`Truncate the queue of ${channelTitle(channel)}?`}
        text={`${waiting(row)} dropped: ${channel.destination} never gets what is dropped. Later changes are kept.`}
        name={table}
        verb="Truncate queue"
        busy={busy}
        onConfirm={onConfirm}
        onClose={onClose}
      />
    )
  }
  return (
    <ConfirmDialog
      opened
      {...wording(act, row)}
      dangerous={act !== 'snapshot'}
      busy={busy}
      onConfirm={onConfirm}
      onClose={onClose}
    />
  )
}

function isAsked(act: ChannelAct): act is Asking {
  return ['snapshot', 'truncate', 'delete', 'pause-collection'].includes(act)
}

/** "1,532 queued changes are", "No change waits; nothing is". */
function waiting({ channel: { stats } }: ChannelRow): string {
  if (stats.queued === 0) return 'Nothing waits now; what is queued until you confirm is'
  return `${toCounted(stats.queued, 'queued change')} ${stats.queued === 1 ? 'is' : 'are'}`
}

function wording(act: Exclude<Asking, 'truncate'>, row: ChannelRow) {
  const { channel, table } = row
  const title = channelTitle(channel)
  if (act === 'snapshot') {
    return {
      title: `Copy the rows of ${table}?`,
      text: `Every row that ${table} has now goes to ${channel.destination} as well, while changes go on. Rows that it has already come again.`,
      verb: 'Copy existing rows',
    }
  }
  if (act === 'pause-collection') {
    return {
      title: `Stop collecting ${title}?`,
      text: 'Changes made while collection is off are gone for this channel. To keep them in the queue, pause the channel instead.',
      verb: 'Pause collection',
    }
  }
  const { queued } = channel.stats
  const goes =
    queued === 0
      ? 'Its queue is empty.'
      : `${toCounted(queued, 'queued change')} ${queued === 1 ? 'goes' : 'go'} with it.`
  return {
    title: `Delete the channel ${title}?`,
    text: `${goes} The table keeps its rows and cdc = true; what was delivered stays.`,
    verb: 'Delete channel',
  }
}
