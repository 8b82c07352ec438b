/**
 * The last look before a launch: what the worker found, what differs from the defaults, and what becomes
 * of the last record. Used by the page of a new connector.
 * Invariant: nothing is launched with errors; warnings and samples forbid nothing.
 * Spec: ui 5.4 (review).
 */
import { Button, Group, Menu, Stack } from '@mantine/core'
import { IconChevronDown, IconCircleCheckFilled, IconXboxXFilled } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ConfigInfos } from '../../api.ts'
import type { ConfigLint } from '../../api-v1-connectors.ts'
import { toCounted } from '../parts/format.ts'
import { PanelError } from '../parts/panel.tsx'
import { toastDone } from '../parts/toast.ts'
import { lintQuery, lintText } from './check-queries.ts'
import { ConfigDifferences } from './config-differences.tsx'
import { type Config, type LaunchState, launch } from './connector-queries.ts'
import { CopyAs } from './copy-as.tsx'
import { DeadLetterHint } from './dead-letter-hint.tsx'
import { errorsIn } from './form-model.ts'
import { RecordSamples } from './record-samples.tsx'

interface ConnectorReviewProps {
  readonly draft: Config
  readonly infos: ConfigInfos
  readonly onChange: (draft: Config) => void
  readonly onBack: () => void
}

const LAUNCHES: readonly (readonly [LaunchState, string])[] = [
  ['PAUSED', 'Launch paused'],
  ['STOPPED', 'Launch stopped'],
]

export function ConnectorReview({ draft, infos, onChange, onBack }: ConnectorReviewProps) {
  const errors = errorsIn(infos)
  const lints = useQuery(lintQuery(draft)).data ?? []
  const warnings = lints.filter(one => one.severity === 'warning')
  const navigate = useNavigate()
  const client = useQueryClient()
  const name = draft['name'] ?? ''
  const start = useMutation({
    mutationFn: (state: LaunchState) => launch(name, draft, state),
    onSuccess: async () => {
      toastDone(`${name} was launched.`)
      await client.invalidateQueries({ queryKey: ['connectors'] })
      const params = { name, tab: 'overview' }
      await navigate({ to: '/connectors/$name/$tab', params, ignoreBlocker: true })
    },
  })
  return (
    <Stack gap="lg">
      <Result errors={errors} warnings={warnings} />
      <DeadLetterHint name={name} draft={draft} onChange={onChange} />
      <ConfigDifferences draft={draft} infos={infos} />
      {errors.length === 0 && <RecordSamples config={draft} />}
      {start.error !== null && (
        <PanelError error={start.error} what={name} title={`${name} was not launched.`} />
      )}
      <Group gap="sm">
        <Button onClick={onBack} data-testid="connector-back">
          Back
        </Button>
        <Button
          variant="filled"
          disabled={errors.length > 0}
          loading={start.isPending}
          onClick={() => start.mutate('RUNNING')}
          data-testid="connector-launch"
        >
          Launch
        </Button>
        <Menu position="bottom-start">
          <Menu.Target>
            <Button
              disabled={errors.length > 0}
              rightSection={<IconChevronDown size={16} stroke={1.5} />}
              data-testid="connector-launch-more"
            >
              Launch in another state
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {LAUNCHES.map(([state, title]) => (
              <Menu.Item
                key={state}
                onClick={() => start.mutate(state)}
                data-testid="menu-item"
                data-key={state}
              >
                {title}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <CopyAs name={name} config={draft} infos={infos} />
      </Group>
    </Stack>
  )
}

interface ResultProps {
  readonly errors: readonly { key: string; message: string }[]
  readonly warnings: readonly ConfigLint[]
}

function Result({ errors, warnings }: ResultProps) {
  const isOk = errors.length === 0
  const Icon = isOk ? IconCircleCheckFilled : IconXboxXFilled
  const counts = [
    toCounted(errors.length, 'error'),
    ...(warnings.length === 0 ? [] : [toCounted(warnings.length, 'warning')]),
  ]
  return (
    <div
      className="sc-banner"
      data-role={isOk ? 'ok' : 'error'}
      data-testid="review-result"
      data-state={isOk ? 'passed' : 'failed'}
    >
      <Icon size={16} aria-hidden />
      <div>
        <strong>Checked by the worker: {counts.join(', ')}</strong>
        {errors.length + warnings.length > 0 && (
          <ul className="sc-errors">
            {errors.map(({ key, message }) => (
              <li key={`${key} ${message}`}>
                <span className="sc-mono">{key}</span>: {message}
              </li>
            ))}
            {warnings.map(one => (
              <li key={`${one.key} ${one.message}`} data-testid="review-warning" data-key={one.key}>
                Warning: {lintText(one)}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  )
}
