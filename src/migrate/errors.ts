/**
 * Error codes of bulk copy and validation. Wrong settings and schemas that do not fit end the run
 * before the first row; a row that cannot be copied is rejected and counted.
 * The commands turn them into the exit codes of dsbulk. Spec: live-migration 3.6, 3.7, 4.4.
 */
import { declareErrors } from '../base/scamander-error.ts'

export const MIGRATE_ERRORS = declareErrors('migrate', {
  OPTION: {
    kind: 'config',
    summary: 'An option of a migration command cannot be used.',
    advice: 'See `scamander help migrate` and `scamander help validate`.',
  },
  SCHEMA: {
    kind: 'config',
    summary: 'The tables of source and target do not fit together.',
    advice: 'Make the tables alike, or map the difference with --rename and --skip-columns.',
  },
  VERSION: {
    kind: 'config',
    summary: 'A cluster is too old for what was asked.',
    advice: 'Bulk copies need native protocol 4 or newer on the target, and Murmur3Partitioner.',
  },
  NO_TABLES: {
    kind: 'config',
    summary: 'There is no table to work on.',
    advice: 'Name tables that exist with --table, or a keyspace that has some.',
  },
  VALUE: {
    kind: 'data',
    summary: 'A value of the source cannot become a value of the target column.',
    advice: 'Repair the row at the source, or accept the reject.',
  },
  FIELD_TOO_LARGE: {
    kind: 'data',
    summary: 'A field is larger than --max-field-kb allows.',
    advice: 'Raise --max-field-kb or copy the row by other means.',
  },
  SOURCE_UNREADABLE: {
    kind: 'fatal',
    summary: 'A token range of a cluster could not be read after all retries.',
    advice: 'Look for overloaded nodes or very large partitions; the same command resumes.',
  },
  INCOMPLETE: {
    kind: 'fatal',
    summary: 'A task of a copy or validation ended with rows rejected or different.',
    advice:
      'See the topic of `report.topic`; a restart of the task looks at those token ranges again.',
  },
  PROJECT_UNKNOWN: {
    kind: 'request',
    summary: 'There is no migration project of that name.',
    advice: 'Make one with `scamander migration plan`.',
  },
  PROJECT_STATE: {
    kind: 'request',
    summary: 'A migration project cannot go where it was asked to.',
    advice: 'See `scamander migration status`; a check may be accepted by its name.',
  },
  TRUNCATED: {
    kind: 'fatal',
    summary: 'A table was truncated while it was copied.',
    advice: 'Truncate it on the target, then copy it anew with --restart.',
  },
  RUNNING: {
    kind: 'request',
    summary: 'The same copy or validation is under way already.',
    advice: 'Wait for its end, or stop it; the same command then resumes.',
  },
  REPORT: {
    kind: 'config',
    summary: 'A file for results cannot be written.',
    advice: 'Give another path, or make room on the disk; the same command resumes.',
  },
  STATE: {
    kind: 'config',
    summary: 'The file that remembers finished ranges cannot be used.',
    advice: 'Make room on its disk, or give another --state file from the start on.',
  },
})
