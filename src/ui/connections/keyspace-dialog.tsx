/**
 * "Create keyspace…": makes a keyspace on the cluster of a saved connection; the statement is shown before
 * it runs. Opened beside the field Database.
 * Invariants: what is shown is what runs; a name that needs quotes has them.
 * Spec: ui 5.2 (Database).
 */
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { runCql } from '../data/data-queries.ts'
import { PanelError } from '../parts/panel.tsx'
import { toastDone } from '../parts/toast.ts'
import { keyspaceCql, keyspaceProblem } from './keyspace-text.ts'

interface KeyspaceDialogProps {
  readonly connection: string
  /** Of the connection; the replication is made for it. */
  readonly dataCenter: string
  readonly onDone: (keyspace: string) => void
  readonly onClose: () => void
}

export function KeyspaceDialog({ connection, dataCenter, onDone, onClose }: KeyspaceDialogProps) {
  const [name, setName] = useState('')
  const [center, setCenter] = useState(dataCenter)
  const [replicas, setReplicas] = useState('3')
  const draft = { name, dataCenter: center, replicas }
  const problem = keyspaceProblem(draft)
  const cql = keyspaceCql(draft)
  const make = useMutation({
    mutationFn: () => runCql(connection, { cql, write: true }),
    onSuccess: () => {
      toastDone(`The keyspace ${name} was created.`)
      onDone(name)
    },
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title="Create keyspace"
      closeButtonProps={{ 'aria-label': 'Close' }}
      data-testid="dialog-keyspace"
    >
      <Stack gap="lg">
        <TextInput
          label="Keyspace"
          value={name}
          onChange={event => setName(event.currentTarget.value)}
          data-testid="field-keyspace"
          data-autofocus
        />
        <TextInput
          label="Data center"
          description="as nodetool status names it; empty: one for all"
          value={center}
          onChange={event => setCenter(event.currentTarget.value)}
          data-testid="field-data-center"
        />
        <TextInput
          label="Replicas"
          inputMode="numeric"
          value={replicas}
          onChange={event => setReplicas(event.currentTarget.value)}
          error={
            name === '' || problem === undefined ? undefined : (
              <span data-testid="field-replicas-error">{problem}</span>
            )
          }
          data-testid="field-replicas"
        />
        {problem === undefined && (
          <pre className="sc-trace" data-testid="keyspace-cql">
            {cql}
          </pre>
        )}
        {make.error !== null && (
          <PanelError error={make.error} what="the answer" title="It was not created." />
        )}
        <Group justify="flex-end" gap="sm">
          <Button onClick={onClose} data-testid="confirm-no">
            Cancel
          </Button>
          <Button
            variant="filled"
            disabled={problem !== undefined}
            loading={make.isPending}
            onClick={() => make.mutate()}
            data-testid="confirm-yes"
          >
            Create keyspace
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
