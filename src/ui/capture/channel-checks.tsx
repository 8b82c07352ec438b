/**
 * What the server found about a channel that is being filled in: agents, cdc_enabled, disk; and the offer
 * to alter a table that is not captured.
 * Used by the dialog.
 * Invariant: the statement is shown before it is run.
 * Spec: ui 5.5.
 */
import { Button, Group } from '@mantine/core'
import {
  IconAlertTriangleFilled,
  IconCircleCheckFilled,
  IconXboxXFilled,
} from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import type { CaptureCheck } from '../../api-v1-capture.ts'
import { PanelError } from '../parts/panel.tsx'
import { toastProblem } from '../parts/toast.ts'
import { enableTable, useCaptureChange } from './capture-queries.ts'
import type { ChannelForm } from './channel-form.ts'
import type { ChannelCheckQuery } from './use-channel-check.ts'

interface ChannelChecksProps {
  readonly form: ChannelForm
  readonly check: ChannelCheckQuery
  readonly error: string | undefined
}

const ICONS = {
  passed: IconCircleCheckFilled,
  warning: IconAlertTriangleFilled,
  failed: IconXboxXFilled,
} as const
const ROLES = { passed: 'ok', warning: 'warn', failed: 'error' } as const

export function ChannelChecks({ form, check, error }: ChannelChecksProps) {
  if (check.error !== null) {
    return <PanelError error={check.error} what="the checks" onRetry={() => void check.refetch()} />
  }
  const checks = check.data?.checks ?? []
  const table = checks.find(one => one.key === 'table')
  return (
    <>
      {table?.state === 'failed' && <Enable form={form} error={error} />}
      <ul className="sc-checks" aria-label="Checks">
        {checks
          .filter(one => one.key !== 'table' || one.state === 'passed')
          .map(one => (
            <Check key={one.key} check={one} />
          ))}
      </ul>
    </>
  )
}

function Check({ check: { key, state, text } }: { readonly check: CaptureCheck }) {
  const Icon = ICONS[state]
  return (
    <li
      className="sc-status"
      data-role={ROLES[state]}
      data-testid="check-row"
      data-key={key}
      data-state={state}
    >
      <Icon size={16} aria-hidden />
      <span className="sc-wrap">{text}</span>
    </li>
  )
}

function Enable({
  form,
  error,
}: {
  readonly form: ChannelForm
  readonly error: string | undefined
}) {
  const { sourceKeyspace, sourceTable } = form
  const client = useQueryClient()
  const enable = useCaptureChange(() => enableTable(sourceKeyspace, sourceTable))
  const name = `${sourceKeyspace}.${sourceTable}`
  const go = () =>
    enable.mutate(undefined, {
      onSuccess: () => client.invalidateQueries({ queryKey: ['capture-check'] }),
      onError: problem => toastProblem(`${name} was not altered`, problem),
    })
  return (
    <div className="sc-banner" data-role="warn">
      <IconAlertTriangleFilled size={16} aria-hidden />
      <div>
        <p>
          <bdi>{name}</bdi> is not captured. Its rows stay as they are; from the statement on its
          changes are logged for capture.
        </p>
        <code className="sc-mono sc-wrap">ALTER TABLE {name} WITH cdc = true</code>
        <Group gap="sm" mt="sm">
          <Button loading={enable.isPending} onClick={go} data-testid="cdc-enable">
            ALTER TABLE … WITH cdc = true
          </Button>
        </Group>
        {error !== undefined && (
          <p className="sc-problem" data-testid="cdc-enable-error">
            {error}
          </p>
        )}
      </div>
    </div>
  )
}
