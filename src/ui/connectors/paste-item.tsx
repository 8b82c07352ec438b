/**
 * One connector of a paste: what the worker found, key by key, and the box that takes it along. Used by the
 * paste page.
 * Invariant: what is refused cannot be taken; a key without effect is kept and said.
 * Spec: ui 5.4 (paste a config).
 */
import { Button, Checkbox } from '@mantine/core'
import { useState } from 'react'
import type { ConfigLint } from '../../api-v1-connectors.ts'
import { toClipboard } from '../parts/clipboard.ts'
import { toCounted } from '../parts/format.ts'
import { lint, lintText, missingTopicsOf, missingTopicText } from './check-queries.ts'
import type { NamedConfig } from './config-text.ts'
import { validate } from './connector-queries.ts'
import { createTableText } from './create-table.ts'
import { errorsIn } from './form-model.ts'

/** The server's words for a table that is not there. */
const NO_TABLE = /expected table "[^"]*" in keyspace "[^"]*", found none/

export interface CheckedItem extends NamedConfig {
  readonly problems: readonly PasteProblem[]
  readonly lints: readonly ConfigLint[]
  /** Of a sink: topics that Kafka does not have. */
  readonly missingTopics?: readonly string[]
}

interface PasteProblem {
  readonly key: string
  readonly message: string
}

/** All that keeps it from being launched, and what is worth knowing. */
export async function checkItem(item: NamedConfig): Promise<CheckedItem> {
  const missing =
    item.name === ''
      ? [{ key: 'name', message: 'It has no name: expected a member or key "name".' }]
      : []
  if ((item.config['connector.class'] ?? '') === '') {
    const problem = { key: 'connector.class', message: 'It has no connector.class.' }
    return { ...item, problems: [...missing, problem], lints: [] }
  }
  const config = { ...item.config, name: item.name }
  try {
    const [infos, lints] = await Promise.all([validate(config), lint(config)])
    const missingTopics = errorsIn(infos).length === 0 ? await missingTopicsOf(config) : []
    const found = errorsIn(infos).filter(({ key }) => key !== 'name' || item.name !== '')
    const problems = found.map(({ key, message }) => ({ key, message: `${key}: ${message}` }))
    return { ...item, problems: [...missing, ...problems], lints, missingTopics }
  } catch (error) {
    const problem = { key: '', message: (error as Error).message }
    return { ...item, problems: [...missing, problem], lints: [] }
  }
}

interface PasteItemProps {
  readonly item: CheckedItem
  /** Undefined: it is the only one. */
  readonly isChosen: boolean | undefined
  readonly onChoose: (isChosen: boolean) => void
  readonly onOpen: () => void
}

export function PasteItem({ item, isChosen, onChoose, onOpen }: PasteItemProps) {
  const isOk = item.problems.length === 0
  const hasClass = (item.config['connector.class'] ?? '') !== ''
  const name = item.name === '' ? '(no name)' : item.name
  return (
    <div
      className="sc-banner"
      data-role={isOk ? 'ok' : 'error'}
      data-testid="paste-item"
      data-key={item.name}
      data-state={isOk ? 'passed' : 'failed'}
    >
      {isChosen !== undefined && (
        <Checkbox
          aria-label={`Launch ${name}`}
          checked={isChosen && isOk}
          disabled={!isOk}
          onChange={event => onChoose(event.currentTarget.checked)}
          data-testid="paste-select"
        />
      )}
      <div className="sc-grow">
        <strong>
          <bdi>{name}</bdi>
        </strong>
        {isOk && <p>The worker found no errors.</p>}
        <Findings item={item} />
        {item.missingTopics?.map(topic => (
          <p key={topic} data-testid="paste-topic-missing" data-key={topic}>
            Warning: {missingTopicText(topic)}
          </p>
        ))}
        {item.problems.length > 0 && (
          <ul className="sc-errors">
            {item.problems.map(({ key, message }) => (
              <li key={message} data-testid="paste-problem">
                {message} <CreateTable keyName={key} item={item} message={message} />
              </li>
            ))}
          </ul>
        )}
      </div>
      {hasClass && (
        <Button onClick={onOpen} data-testid="paste-open-form">
          Open in form
        </Button>
      )}
    </div>
  )
}

/** "8 keys known · 1 is deprecated", and each that is more than known. */
function Findings({ item: { config, lints } }: { readonly item: CheckedItem }) {
  const warnings = lints.filter(one => one.severity === 'warning')
  const unknown = new Set(lints.filter(one => one.kind === 'unknown-key').map(one => one.key))
  const known = Object.keys(config).filter(key => !unknown.has(key)).length
  return (
    <>
      <p className="sc-quiet" data-testid="paste-keys">
        {toCounted(known, 'key')} known
        {unknown.size > 0 && ` · ${toCounted(unknown.size, 'key')} not known, kept`}
      </p>
      {warnings.length > 0 && (
        <ul className="sc-errors">
          {warnings.map(one => (
            <li key={`${one.key} ${one.message}`} data-testid="paste-warning" data-key={one.key}>
              {one.kind === 'no-effect' ? 'No effect here, kept: ' : 'Warning: '}
              {lintText(one)}
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

interface CreateTableProps {
  readonly keyName: string
  readonly item: CheckedItem
  readonly message: string
}

/** Only for a table that is not there. */
function CreateTable({ keyName, item, message }: CreateTableProps) {
  const [isOpen, setOpen] = useState(false)
  const text = NO_TABLE.test(message) ? createTableText(keyName, item.config) : undefined
  if (text === undefined) return undefined
  return (
    <>
      <button
        type="button"
        className="sc-text-button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        data-testid="paste-create-table"
      >
        {isOpen ? 'Hide CREATE TABLE' : 'Show CREATE TABLE'}
      </button>
      {isOpen && (
        <>
          <pre className="sc-sample-cql" data-testid="paste-create-table-text">
            {text}
          </pre>
          <Button size="xs" onClick={() => void toClipboard(text)}>
            Copy
          </Button>
        </>
      )}
    </>
  )
}
