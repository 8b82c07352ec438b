/**
 * Texts derived from a declaration: the reference page (markdown) and the help of the command line.
 * Called by the documentation generator and by the CLI. Output depends on the declaration alone,
 * so a stale page is found by comparing.
 */
import { type AnyConfig, keyOf, plainField } from './define-config.ts'
import type { Field, PatternField } from './field.ts'

type Declared = Field<unknown> | PatternField<unknown>

/** A markdown page: description, examples, one table per group. */
export function renderDocs(config: AnyConfig): string {
  const lines = [`# ${config.name}`, '', config.summary, '', config.description, '']
  for (const [group, fields] of grouped(config)) {
    lines.push(`## ${group}`, '')
    lines.push('| Key | Type | Default | Description |', '| --- | --- | --- | --- |')
    for (const field of fields) lines.push(docRow(field))
    lines.push('')
  }
  if (config.examples.length > 0) lines.push('## Examples', '')
  for (const { title, config: example } of config.examples) {
    lines.push(`${title}:`, '', '```json', JSON.stringify(example, null, 2), '```', '')
  }
  return lines.join('\n')
}

/** Plain text for a terminal of 100 columns. */
export function renderHelp(config: AnyConfig): string {
  const lines = [`${config.name}: ${config.summary}`]
  for (const [group, fields] of grouped(config)) {
    lines.push('', `${group}:`)
    for (const declared of fields) {
      const field = plainField(declared)
      lines.push(`  ${keyOf(declared)}  (${field.type}, ${standing(field)})`)
      for (const line of wrap(sentences(field).join(' '), 92)) lines.push(`      ${line}`)
    }
  }
  return `${lines.join('\n')}\n`
}

function grouped(config: AnyConfig): Map<string, Declared[]> {
  const groups = new Map<string, Declared[]>()
  for (const declared of Object.values(config.fields)) {
    const field = plainField(declared)
    if (field.internal) continue
    const group = field.group ?? 'Other'
    groups.set(group, [...(groups.get(group) ?? []), declared])
  }
  return groups
}

function docRow(declared: Declared): string {
  const field = plainField(declared)
  const aliases =
    field.aliases.length === 0
      ? ''
      : ` Same as ${field.aliases.map(alias => `\`${alias.key}\``).join(', ')}.`
  const examples =
    field.examples.length === 0
      ? ''
      : ` Example: ${field.examples.map(example => `\`${example}\``).join(', ')}.`
  const prose = sentences(field).join(' ').replace(/</g, '&lt;')
  const text = escapeCell(prose + aliases + examples)
  const unset = field.required ? '**required**' : '-'
  const standingText = field.defaultText === null ? unset : codeOrEmpty(field.defaultText)
  const key = escapeCell(keyOf(declared))
  return `| \`${key}\` | ${field.type} | ${escapeCell(standingText)} | ${text} |`
}

function codeOrEmpty(text: string): string {
  return text === '' ? 'empty' : `\`${text}\``
}

function sentences(field: Field<unknown>): string[] {
  const out = [field.doc]
  if (field.expected !== undefined) out.push(`Valid: ${field.expected}.`)
  if (field.unit !== undefined) out.push(`Unit: ${field.unit}.`)
  if (field.since !== undefined) out.push(`Since ${field.since}.`)
  if (field.noEffect !== undefined) out.push(`No effect: ${field.noEffect}.`)
  if (field.deprecated !== undefined) {
    const { replacement } = field.deprecated
    out.push(replacement === undefined ? 'Deprecated.' : `Deprecated: use ${replacement}.`)
  }
  return out
}

function standing(field: Field<unknown>): string {
  if (field.required) return 'required'
  if (field.defaultText === null) return 'optional'
  return `default ${field.defaultText === '' ? 'empty' : field.defaultText}`
}

function escapeCell(text: string): string {
  return text.replace(/\|/g, '\\|').replace(/\s*\n\s*/g, ' ')
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
