/**
 * The configurations that a connector had since the worker started: what each changed, and the way back to
 * it. Used by the tab Config.
 * Invariants: what would be changed is shown before it is; a secret cannot come back, because no version
 * holds it, and that is said.
 * Spec: ui 5.4 (config tab: Versions, Restore).
 */
import { Button, Group, Modal, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ConnectorVersion } from '../../api-v1-connectors.ts'
import { toAgo, toCounted, toLocal } from '../parts/format.ts'
import { May } from '../parts/may.tsx'
import { PanelError } from '../parts/panel.tsx'
import { ConfigDiff } from './config-diff.tsx'
import { changesBetween } from './config-text.ts'
import { type Config, useSaveConfig } from './connector-queries.ts'
import { versionsQuery } from './inside-queries.ts'

interface ConfigVersionsProps {
  readonly name: string
  /** As it is now. */
  readonly config: Config
}

export function ConfigVersions({ name, config }: ConfigVersionsProps) {
  const { data = [] } = useQuery(versionsQuery(name))
  const [open, setOpen] = useState<ConnectorVersion>()
  // The newest is the present one; alone it is no history.
  if (data.length < 2) return undefined
  return (
    <section className="sc-card sc-card-body" aria-label="Versions">
      <h2 className="sc-card-title">Versions since the worker started</h2>
      <ol className="sc-last">
        {data.map((version, index) => (
          <li key={version.at} data-testid="config-version" data-key={index}>
            <span className="sc-quiet" title={toLocal(version.at)}>
              {index === 0 ? 'now' : toAgo(version.at)}
            </span>
            <span className="sc-grow">{changeText(version, data[index + 1])}</span>
            <bdi>{version.by}</bdi>
            {index > 0 && (
              <Button size="xs" onClick={() => setOpen(version)} data-testid="config-version-open">
                Compare
              </Button>
            )}
          </li>
        ))}
      </ol>
      <Modal
        opened={open !== undefined}
        onClose={() => setOpen(undefined)}
        title={`The configuration of ${name}, ${open === undefined ? '' : toLocal(open.at)}`}
        size={720}
        closeButtonProps={{ 'aria-label': 'Close' }}
        data-testid="dialog-version"
      >
        {open !== undefined && (
          <Compared name={name} config={config} version={open} onClose={() => setOpen(undefined)} />
        )}
      </Modal>
    </section>
  )
}

function changeText(version: ConnectorVersion, before: ConnectorVersion | undefined): string {
  if (before === undefined) return 'the oldest that is kept'
  const keys = Object.keys(changesBetween(before.config, version.config))
  const named = keys.slice(0, 3).join(', ')
  const rest = keys.length - 3
  return rest > 0 ? `${named} and ${rest} more` : named
}

interface ComparedProps extends ConfigVersionsProps {
  readonly version: ConnectorVersion
  readonly onClose: () => void
}

const HIDDEN = '[hidden]'

function Compared({ name, config, version, onClose }: ComparedProps) {
  const save = useSaveConfig(name)
  const all = Object.entries(changesBetween(config, version.config))
  const changes = Object.fromEntries(all.filter(([, value]) => value !== HIDDEN))
  const lost = all.length - Object.keys(changes).length
  const count = Object.keys(changes).length
  return (
    <Stack gap="lg">
      {count === 0 ? (
        <p className="sc-lead">It is as the present one.</p>
      ) : (
        <ConfigDiff before={config} changes={changes} title="That version" />
      )}
      {lost > 0 && (
        <p className="sc-warning">
          {toCounted(lost, 'secret')} of that version cannot be restored: versions hold no secrets.
        </p>
      )}
      {save.error !== null && (
        <PanelError error={save.error} what="the change" title="The version was not restored." />
      )}
      <May least="standard">
        <Group justify="flex-end">
          <Button
            variant="filled"
            disabled={count === 0}
            loading={save.isPending}
            onClick={() => save.mutate(changes, { onSuccess: onClose })}
            data-testid="config-restore"
          >
            Restore
          </Button>
        </Group>
      </May>
    </Stack>
  )
}
