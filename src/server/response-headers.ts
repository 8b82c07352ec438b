/**
 * Headers that are added to every answer, as `response.http.headers.config` spells them:
 * `action name: value`, separated by commas; a rule with commas stands in double quotes.
 * Parsed at start, applied by the HTTP server.
 * Spec: connect-rest 1 (extra response headers).
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { SERVER_ERRORS } from './errors.ts'

export interface HeaderRule {
  readonly action: 'set' | 'add' | 'setDate' | 'addDate'
  readonly name: string
  /** Of the dates: milliseconds from now. */
  readonly value: string
}

const KEY = 'response.http.headers.config'
const ACTIONS = ['set', 'add', 'setDate', 'addDate'] as const
const RULE = /^(\w+)\s+([!#$%&'*+.^`|~\w-]+)\s*:\s*(.*)$/

export function parseHeaderRules(text: string): HeaderRule[] {
  return splitRules(text).map(rule => {
    const [, given = '', name = '', value = ''] = RULE.exec(rule) ?? []
    const action = ACTIONS.find(one => one.toLowerCase() === given.toLowerCase())
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these cannot stand in a header
    const isFit = action !== undefined && /^[^\u0000-\u001f\u007f]*$/.test(value)
    if (isFit && (!action.endsWith('Date') || /^-?\d{1,15}$/.test(value))) {
      return { action, name, value }
    }
    const message = `${KEY}: expected "action name: value" with an action of ${ACTIONS.join(', ')} and milliseconds for dates, found ${rule}`
    throw new ScamanderError(SERVER_ERRORS.HEADERS, message)
  })
}

/** The text to send. */
export function headerValue({ action, value }: HeaderRule, nowMs: number): string {
  return action.endsWith('Date') ? new Date(nowMs + Number(value)).toUTCString() : value
}

function splitRules(text: string): string[] {
  const rules = text.match(/\s*(?:"[^"]*"|[^,"]+)\s*(?=,|$)/g) ?? []
  return rules
    .map(rule =>
      rule
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .trim(),
    )
    .filter(rule => rule !== '')
}
