/**
 * The checks of the present phase: entry and exit, each with what was found, and a way to take one upon
 * oneself with a reason where that is allowed.
 * Used by the page of a migration. Invariant: what is seen for sure cannot be accepted.
 * Spec: ui 5.6; live-migration 5.
 */
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { MigrationCheck, MigrationInfo } from '../../api-v1-migrations.ts'
import { toAgo } from '../parts/format.ts'
import { StatusChip } from '../parts/status-chip.tsx'
import { useChange, useRecheck } from './migration-queries.ts'

interface CheckListProps {
  readonly info: MigrationInfo
  readonly mayAct: boolean
}

export function CheckList({ info, mayAct }: CheckListProps) {
  const [asked, setAsked] = useState<MigrationCheck | undefined>()
  const recheck = useRecheck(info.name)
  const of = (when: 'entry' | 'exit') => info.checks.filter(one => one.when === when)
  if (info.checks.length === 0) return undefined
  return (
    <section className="sc-card sc-card-body" aria-labelledby="checks-title">
      <div className="sc-toolbar">
        <h2 id="checks-title" className="sc-card-title sc-flush">
          Checks
        </h2>
        <span className="sc-spacer" />
        <span className="sc-quiet">asked {toAgo(info.checkedAt)}</span>
        <Button
          size="xs"
          loading={recheck.isPending}
          onClick={() => recheck.mutate()}
          data-testid="check-run"
        >
          Run
        </Button>
      </div>
      <Checks title="Entry" checks={of('entry')} {...(mayAct ? { onAccept: setAsked } : {})} />
      <Checks title="Exit" checks={of('exit')} {...(mayAct ? { onAccept: setAsked } : {})} />
      <AcceptDialog name={info.name} check={asked} onClose={() => setAsked(undefined)} />
    </section>
  )
}

interface ChecksProps {
  readonly title: string
  readonly checks: readonly MigrationCheck[]
  readonly onAccept?: (check: MigrationCheck) => void
}

function Checks({ title, checks, onAccept }: ChecksProps) {
  if (checks.length === 0) return undefined
  return (
    <>
      <h3 className="sc-check-head">{title}</h3>
      <ul className="sc-checks">
        {checks.map(one => (
          <li key={one.key} data-testid="check-row" data-key={one.key} data-state={one.state}>
            <StatusChip
              state={one.state}
              text={one.state === 'accepted' ? 'Accepted' : undefined}
            />
            <div className="sc-grow">
              <strong>{one.title}</strong>
              <div className="sc-quiet sc-wrap">{one.text}</div>
              {one.accepted !== null && one.state === 'accepted' && (
                <div className="sc-wrap">
                  Accepted by {one.accepted.by}, {toAgo(one.accepted.at)}: {one.accepted.reason}
                </div>
              )}
            </div>
            {onAccept !== undefined && one.state === 'failed' && one.acceptable && (
              <Button size="xs" onClick={() => onAccept(one)} data-testid="check-accept">
                Accept with reason…
              </Button>
            )}
          </li>
        ))}
      </ul>
    </>
  )
}

interface AcceptDialogProps {
  readonly name: string
  readonly check: MigrationCheck | undefined
  readonly onClose: () => void
}

function AcceptDialog({ name, check, onClose }: AcceptDialogProps) {
  const [reason, setReason] = useState('')
  const change = useChange(name)
  const close = () => {
    setReason('')
    onClose()
  }
  const accept = () => {
    if (check === undefined) return
    change.mutate({ do: 'accept', check: check.key, reason }, { onSuccess: close })
  }
  return (
    <Modal
      opened={check !== undefined}
      onClose={close}
      title={`Accept: ${check?.title ?? ''}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="dialog-accept"
    >
      <Stack gap="lg">
        <p className="sc-lead">
          {check?.text}. You take this check upon yourself: your name and the reason stay in the
          history of the migration.
        </p>
        <TextInput
          label="Reason (required)"
          value={reason}
          onChange={event => setReason(event.currentTarget.value)}
          maxLength={500}
          data-testid="field-reason"
          data-autofocus
        />
        <Group justify="flex-end" gap="sm">
          <Button onClick={close} data-testid="confirm-no">
            Cancel
          </Button>
          <Button
            variant="filled"
            disabled={reason.trim() === ''}
            loading={change.isPending}
            onClick={accept}
            data-testid="confirm-yes"
          >
            Accept
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
