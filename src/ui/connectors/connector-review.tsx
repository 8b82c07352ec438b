/**
 * The last look before a launch: what the worker found, and what differs from the defaults.
 * Used by the page of a new connector.
 * Invariant: secrets are not shown; a reference to a provider is shown as written.
 * Spec: ui 5.4 (review), 1 (references).
 */
import { Button, Group, Menu, Stack } from '@mantine/core'
import { IconChevronDown, IconCircleCheckFilled, IconXboxXFilled } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { ConfigInfos } from '../../api.ts'
import { PanelError } from '../parts/panel.tsx'
import { toastDone } from '../parts/toast.ts'
import { type Config, type LaunchState, launch } from './connector-queries.ts'
import { CopyAs } from './copy-as.tsx'
import { errorsIn } from './form-model.ts'

interface ConnectorReviewProps {
  readonly draft: Config
  readonly infos: ConfigInfos
  readonly onBack: () => void
}

const LAUNCHES: readonly (readonly [LaunchState, string])[] = [
  ['PAUSED', 'Launch paused'],
  ['STOPPED', 'Launch stopped'],
]

export function ConnectorReview({ draft, infos, onBack }: ConnectorReviewProps) {
  const errors = errorsIn(infos)
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
      <Result errors={errors} />
      <Differences draft={draft} infos={infos} />
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

function Result({ errors }: { readonly errors: readonly { key: string; message: string }[] }) {
  const isOk = errors.length === 0
  const Icon = isOk ? IconCircleCheckFilled : IconXboxXFilled
  return (
    <div
      className="sc-banner"
      data-role={isOk ? 'ok' : 'error'}
      data-testid="review-result"
      data-state={isOk ? 'passed' : 'failed'}
    >
      <Icon size={16} aria-hidden />
      <div>
        <strong>
          Checked by the worker: {errors.length === 1 ? '1 error' : `${errors.length} errors`}
        </strong>
        {!isOk && (
          <ul className="sc-errors">
            {errors.map(({ key, message }) => (
              <li key={`${key} ${message}`}>
                <span className="sc-mono">{key}</span>: {message}
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  )
}

function Differences({ draft, infos }: { readonly draft: Config; readonly infos: ConfigInfos }) {
  const definitions = new Map(infos.configs.map(({ definition }) => [definition?.name, definition]))
  const rows = Object.entries(draft).filter(
    ([key, value]) => definitions.get(key)?.default_value !== value,
  )
  return (
    <div className="sc-card sc-grid-scroll">
      <table className="sc-grid">
        <thead>
          <tr>
            <th>
              What differs from the defaults ({rows.length} of {definitions.size} keys)
            </th>
            <th>Value</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([key, value]) => (
            <tr key={key}>
              <td className="sc-mono">{key}</td>
              <td className="sc-mono sc-wrap">
                {definitions.get(key)?.type === 'PASSWORD' && !value.startsWith('${')
                  ? '(secret)'
                  : value}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
