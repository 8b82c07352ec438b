/**
 * Finds rows by their key: the partition key whole, then as much of the clustering key as is known.
 * Used above the rows.
 * Invariant: an empty field ends the key; one behind it would have no effect and is told.
 * Spec: ui 5.7 (Find).
 */
import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { DataTableInfo } from '../../api-v1-data.ts'

interface FindFormProps {
  readonly info: DataTableInfo
  /** The key that is shown now: a JSON list of texts. */
  readonly found: string | undefined
  readonly onFind: (key: string) => void
  readonly onClear: () => void
}

export function FindForm({ info, found, onFind, onClear }: FindFormProps) {
  const columns = info.columns.filter(
    one => one.kind === 'partition_key' || one.kind === 'clustering',
  )
  const partitionCount = columns.filter(one => one.kind === 'partition_key').length
  const [texts, setTexts] = useState<readonly string[]>(() => toTexts(found))
  const [problem, setProblem] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const given = columns.map((_, at) => texts[at] ?? '')
    const end = given.indexOf('')
    const key = end < 0 ? given : given.slice(0, end)
    const missing = columns[key.length]
    if (key.length < partitionCount) {
      return setProblem(`Enter ${missing?.name}: the partition key is needed whole.`)
    }
    if (given.slice(key.length).some(one => one !== '')) {
      return setProblem(`Enter ${missing?.name}: what stands behind it cannot be found without it.`)
    }
    setProblem('')
    onFind(JSON.stringify(key))
  }
  return (
    <form className="sc-data-find" onSubmit={submit} aria-label="Find by key">
      {columns.map(({ name, type, kind }, at) => (
        <TextInput
          key={name}
          label={name}
          placeholder={type}
          {...(kind === 'clustering' ? { description: 'may stay empty' } : {})}
          value={texts[at] ?? ''}
          onChange={event =>
            setTexts(
              columns.map((_, i) => (i === at ? event.currentTarget.value : (texts[i] ?? ''))),
            )
          }
          data-testid={`find-${name}`}
          w={200}
        />
      ))}
      <Button type="submit" data-testid="data-find">
        Find
      </Button>
      {found !== undefined && (
        <Button onClick={onClear} data-testid="data-find-clear">
          All rows
        </Button>
      )}
      {problem !== '' && (
        <p className="sc-problem" role="alert" data-testid="find-problem">
          {problem}
        </p>
      )}
    </form>
  )
}

function toTexts(found: string | undefined): string[] {
  if (found === undefined) return []
  try {
    const list: unknown = JSON.parse(found)
    return Array.isArray(list) ? list.map(String) : []
  } catch {
    // An address that was changed by hand: the server tells what is wrong with it.
    return []
  }
}
