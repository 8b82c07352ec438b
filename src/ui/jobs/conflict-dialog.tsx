/**
 * Changed meanwhile: who changed the job and when, in what it differs from the form, and which of the two stays.
 * Opened by the save of a form of a job that the server refused (412).
 * Invariant: closed without a choice nothing was saved, and what was typed is still there.
 * Spec: ui 4.4.
 */
import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { JobInfo } from '../../api-v1.ts'
import { ConfigDiff } from '../connectors/config-diff.tsx'
import { toAgo } from '../parts/format.ts'
import { differences, type Words } from './job-words.ts'

interface ConflictDialogProps {
  /** As somebody else saved it. */
  readonly job: JobInfo
  readonly theirs: Words
  readonly mine: Words
  readonly onOverwrite: () => void
  readonly onDiscard: () => void
  readonly onClose: () => void
}

export function ConflictDialog(props: ConflictDialogProps) {
  const { job, theirs, mine, onOverwrite, onDiscard, onClose } = props
  const [isShown, setIsShown] = useState(false)
  return (
    <Modal
      opened
      onClose={onClose}
      title={`${job.name} was changed meanwhile`}
      size={720}
      closeButtonProps={{ 'aria-label': 'Close', 'data-testid': 'dialog-close' } as object}
    >
      <Stack gap="xl" data-testid="dialog-conflict">
        <Text data-testid="conflict-text">
          Changed {toAgo(job.updatedAt)}
          {job.updatedBy !== undefined && (
            <>
              {' '}
              by{' '}
              <em>
                <bdi>{job.updatedBy}</bdi>
              </em>
            </>
          )}
          . Nothing of yours was saved yet.
        </Text>
        {isShown && <ConfigDiff before={theirs} changes={differences(theirs, mine)} />}
        <Group justify="flex-end" gap="sm">
          <Button
            onClick={() => setIsShown(!isShown)}
            aria-expanded={isShown}
            data-autofocus
            data-testid="conflict-differences"
          >
            Show differences
          </Button>
          <Button color="error" onClick={onOverwrite} data-testid="conflict-overwrite">
            Overwrite
          </Button>
          <Button onClick={onDiscard} data-testid="conflict-discard">
            Discard mine
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
