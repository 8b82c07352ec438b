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

export function LaunchReader({ destination }: { readonly destination: string }) {
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
      <Button loading={launch.isPending} onClick={go} data-testid="reader-launch">
        Launch a source connector
      </Button>
      <LinkButton
        to="/connectors/new/$plugin"
        params={{
          plugin: readerConfig({ destination, topic: '', format: '' })['connector.class'] ?? '',
        }}
      >
        Set it up by hand
      </LinkButton>
    </Group>
  )
}
