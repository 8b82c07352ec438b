/**
 * Launches the connector that reads a destination, where none does. Used below channels that wait.
 * Invariant: it is launched with what the form of a new destination would give it.
 * Spec: ui 5.5 (also launch a source connector).
 */
import { Button, Group } from '@mantine/core'
import { LinkButton } from '../parts/link-button.tsx'
import { toastDone, toastProblem } from '../parts/toast.ts'
import { readerConfig } from './capture-model.ts'
import { useCaptureChange } from './capture-queries.ts'
import { DEFAULT_TOPIC, launchReader, readerName } from './reader.ts'

interface LaunchReaderProps {
  readonly destination: string
  /** In a cell: the button alone. @default false */
  readonly isShort?: boolean
}

export function LaunchReader({ destination, isShort = false }: LaunchReaderProps) {
  const launch = useCaptureChange(() => {
    const config = readerConfig({ destination, topic: DEFAULT_TOPIC, format: 'default' })
    return launchReader(readerName(destination), config)
  })
  const go = () =>
    launch.mutate(undefined, {
      onSuccess: () => toastDone(`The connector ${readerName(destination)} reads ${destination}.`),
      onError: error => toastProblem('The connector was not launched', error),
    })
  return (
    <Group gap="sm">
      <Button
        size={isShort ? 'compact-sm' : 'sm'}
        loading={launch.isPending}
        onClick={go}
        data-testid="reader-launch"
      >
        Launch a source connector
      </Button>
      {!isShort && (
        <LinkButton
          to="/connectors/new/$plugin"
          params={{
            plugin: readerConfig({ destination, topic: '', format: '' })['connector.class'] ?? '',
          }}
        >
          Set it up by hand
        </LinkButton>
      )}
    </Group>
  )
}
