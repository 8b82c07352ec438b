/**
 * What runs of a job write into their logs, with a warning where that holds contents of rows. Part of the
 * settings of a job.
 * Spec: ui 5.3; backlog-replication 2.13.
 */
import { Select } from '@mantine/core'
import type { JobInfo, LogLevel } from '../../api-v1.ts'
import { toLocal } from '../parts/format.ts'

const LEVELS = [
  ['error', 'Error: problems only'],
  ['info', 'Info'],
  ['transfer', 'Transfer: requests and headers, without secrets'],
  ['verbose', 'Verbose: answers too, for a day'],
] as const

interface LogLevelProps {
  readonly job: JobInfo
  readonly value?: LogLevel
  readonly onChange?: (next: string | null) => void
}

export function LogLevelField({ job, value, onChange }: LogLevelProps) {
  const { verboseUntil } = job.settings
  return (
    <div>
      <Select
        label="Logging"
        value={value ?? null}
        onChange={next => next !== null && onChange?.(next)}
        data={LEVELS.map(([key, label]) => ({ value: key, label }))}
        allowDeselect={false}
        renderOption={({ option }) => (
          <span data-testid="option" data-value={option.value}>
            {option.label}
          </span>
        )}
        data-testid="field-logging"
      />
      {value === 'verbose' && (
        <p className="sc-warning" data-testid="verbose-warning">
          Logs hold contents of rows, cut at 4 kB. It turns itself off{' '}
          {verboseUntil === undefined ? 'after 24 hours' : `on ${toLocal(verboseUntil)}`}.
        </p>
      )}
    </div>
  )
}
