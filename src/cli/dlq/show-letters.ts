/**
 * `scamander dlq show`: the letters of a topic, oldest first. Leaves no trace: its consumer group
 * is deleted at the end.
 * Invariant: keys and values appear only when they were asked for by the option that says so.
 */
import { randomUUID } from 'node:crypto'
import {
  forgetGroup,
  type Letter,
  LetterReader,
  matchesLetter,
  toLetter,
} from '../../connect/index.ts'
import type { RawMessage } from '../../flow/index.ts'
import { type CommandContext, type CommonOptions, loggerOf } from '../command-context.ts'
import { listenForStop } from '../stop-signals.ts'
import { oneLine, textTable } from '../text-table.ts'
import { type FilterOptions, filterOf, type KafkaOptions, kafkaSettings } from './kafka-options.ts'

export interface ShowOptions extends KafkaOptions, FilterOptions, CommonOptions {
  readonly limit: number
  readonly json?: boolean
  readonly dangerousShowValues?: boolean
}

type Shown = Letter & { readonly key?: string | null; readonly value?: string | null }

export async function showLetters(
  topic: string,
  options: ShowOptions,
  context: CommandContext,
): Promise<void> {
  const logger = loggerOf({ logLevel: 'warn', ...options })
  const settings = kafkaSettings(options, `scamander-dlq-show-${randomUUID()}`, logger)
  const reader = new LetterReader({ settings, topic, fromStart: false, logger })
  const stop = listenForStop(context.err)
  const found: Shown[] = []
  try {
    await reader.open(stop.signal)
    while (found.length < options.limit) {
      const messages = await reader.read(stop.signal)
      if (messages === undefined) break
      found.push(...select(messages, options).slice(0, options.limit - found.length))
    }
  } finally {
    stop.release()
    await reader.close()
    await forgetGroup(settings)
  }
  if (options.json === true) context.out(`${JSON.stringify(found, undefined, 2)}\n`)
  else context.out(toTable(found, options.dangerousShowValues === true))
}

function select(messages: readonly RawMessage[], options: ShowOptions): Shown[] {
  const filter = filterOf(options)
  return messages.flatMap(message => {
    const letter = toLetter(message)
    if (!matchesLetter(letter, filter)) return []
    if (options.dangerousShowValues !== true) return [letter]
    return [{ ...letter, key: textOf(message.key()), value: textOf(message.value()) }]
  })
}

function textOf(bytes: Buffer | null): string | null {
  return bytes === null ? null : bytes.toString('utf8')
}

function toTable(letters: readonly Shown[], withValues: boolean): string {
  const head = ['LETTER', 'FROM', 'TIME', 'CONNECTOR', 'STAGE', 'ERROR']
  const rows = letters.map(letter => [
    `${letter.partition}/${letter.offset}`,
    letter.origin === undefined
      ? ''
      : `${letter.origin.topic}/${letter.origin.partition}/${letter.origin.offset}`,
    letter.timestampMs < 0 ? '' : new Date(letter.timestampMs).toISOString(),
    letter.connector,
    letter.stage,
    oneLine(letter.exceptionMessage),
    ...(withValues ? [letter.key ?? 'null', letter.value ?? 'null'] : []),
  ])
  return textTable(withValues ? [...head, 'KEY', 'VALUE'] : head, rows)
}
