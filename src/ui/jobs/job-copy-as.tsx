/**
 * "Copy as": a job with its tasks as YAML, as the command that applies it, or as curl. Used by the page of a job.
 * Invariant: it is the document that the server exports at this moment.
 * Spec: ui 4.4, 5.3, 8 (`copy-as`).
 */
import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import type { JobInfo } from '../../api-v1.ts'
import { call, part } from '../api-client.ts'
import { toClipboard } from '../parts/clipboard.ts'
import { toastDone, toastProblem } from '../parts/toast.ts'
import { type JobCopy, type JobDocument, jobText } from './job-copy.ts'

const FORMATS: readonly (readonly [JobCopy, string])[] = [
  ['yaml', 'YAML'],
  ['command', 'scamander command'],
  ['curl', 'curl command'],
]

export function JobCopyAs({ job }: { readonly job: JobInfo }) {
  const copy = useMutation({
    mutationFn: async ([format, title]: readonly [JobCopy, string]) => {
      const document = await call<JobDocument>('GET', `/api/v1/jobs/${part(job.id)}/export`)
      if (await toClipboard(jobText(format, document, location.origin)))
        toastDone(`${job.name} was copied as ${title}.`)
    },
    onError: error => toastProblem(`${job.name} was not copied`, error),
  })
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          rightSection={<IconChevronDown size={16} stroke={1.5} />}
          loading={copy.isPending}
          data-testid="copy-as"
        >
          Copy as
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {FORMATS.map(one => (
          <Menu.Item
            key={one[0]}
            onClick={() => copy.mutate(one)}
            data-testid="menu-item"
            data-key={one[0]}
          >
            {one[1]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
