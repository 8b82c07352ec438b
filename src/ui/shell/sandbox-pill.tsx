/**
 * Says that the servers are test servers of this machine, and where they are. Used by the header.
 * Invariant: it is never shown for other servers.
 * Spec: ui 4.10 (sandbox), 8 (`sandbox-pill`).
 */
import { Button, CopyButton, Group, Popover, Stack } from '@mantine/core'
import { IconFlask } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { SandboxPlaces } from '../../api-v1-help.ts'
import { LinkButton } from '../parts/link-button.tsx'
import { SERVES_DATA } from '../parts/served.ts'
import { sessionQuery } from '../parts/session.ts'

export function SandboxPill() {
  const [isOpen, setIsOpen] = useState(false)
  const { data } = useQuery(sessionQuery)
  if (data?.sandbox == null) return undefined
  return (
    <Popover opened={isOpen} onChange={setIsOpen} position="bottom-start" width={480} shadow="md">
      <Popover.Target>
        <button
          type="button"
          className="sc-pill"
          aria-expanded={isOpen}
          onClick={() => setIsOpen(!isOpen)}
          data-testid="sandbox-pill"
        >
          <IconFlask size={16} stroke={1.5} aria-hidden />
          Sandbox
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <Places places={data.sandbox} onLeave={() => setIsOpen(false)} />
      </Popover.Dropdown>
    </Popover>
  )
}

interface PlacesProps {
  readonly places: SandboxPlaces
  readonly onLeave: () => void
}

function Places({ places, onLeave }: PlacesProps) {
  const rows = [
    ['Cassandra', places.cassandra],
    ['Kafka', places.kafka],
    ...(places.backlog === undefined
      ? []
      : ([
          ['Backlog URL', places.backlog.url],
          ['Backlog API key', places.backlog.apiKey],
        ] as const)),
    ['Data folder', places.folder],
  ] as const
  return (
    <Stack gap="md" data-testid="sandbox-places">
      <p className="sc-lead">Test servers of this machine. They stop when the command ends.</p>
      {rows.map(([name, value]) => (
        <Group key={name} gap="sm" wrap="nowrap" justify="space-between">
          <span>
            {name}
            <br />
            <bdi className="sc-mono sc-wrap">{value}</bdi>
          </span>
          <CopyButton value={value}>
            {({ copied, copy }) => (
              <Button size="xs" onClick={copy} aria-label={`Copy ${name}`}>
                {copied ? 'Copied' : 'Copy'}
              </Button>
            )}
          </CopyButton>
        </Group>
      ))}
      <Group gap="sm">
        {SERVES_DATA && (
          <LinkButton to="/data/cassandra" onClick={onLeave}>
            Open CQL
          </LinkButton>
        )}
        <LinkButton to="/welcome" search={{ own: true }} onClick={onLeave}>
          Use my own clusters
        </LinkButton>
      </Group>
    </Stack>
  )
}
