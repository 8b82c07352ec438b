/**
 * What every command below `scamander connect` works with: the client, the way to print, the
 * common options.
 * Made per run from the options and the environment.
 */
import { ScamanderError } from '../../base/scamander-error.ts'
import type { CommandContext } from '../command-context.ts'
import { CLI_ERRORS } from '../errors.ts'
import { textTable } from '../text-table.ts'
import { clientSettingsOf, RestClient } from './rest-client.ts'

export interface ConnectOptions {
  readonly url?: string
  readonly json?: boolean
}

type Cell = string | number

export interface ConnectClient {
  readonly rest: RestClient
  readonly isJson: boolean
  /** The document with --json, else the table. */
  show(document: unknown, head: readonly string[], rows: readonly (readonly Cell[])[]): void
  /** A line for people; nothing with --json. */
  say(line: string): void
  json(document: unknown): void
}

export function clientOf(options: ConnectOptions, context: CommandContext): ConnectClient {
  const isJson = options.json === true
  const json = (document: unknown) => context.out(`${JSON.stringify(document, undefined, 2)}\n`)
  return {
    rest: new RestClient(clientSettingsOf(options.url, process.env)),
    isJson,
    show: (document, head, rows) => {
      if (isJson) json(document)
      else context.out(textTable(head, rows))
    },
    say: line => {
      if (!isJson) context.out(`${line}\n`)
    },
    json,
  }
}

export function badOption(message: string): ScamanderError {
  return new ScamanderError(CLI_ERRORS.OPTION, message)
}

/** A whole number that is not negative. */
export function parseCount(option: string, text: string): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(number)) return number
  throw badOption(`${option}: expected a whole number, found ${text}`)
}
