/**
 * The date formatter against Java's own: every case of java-time.json, which Java 17 produced.
 * Guards pattern letters, locales, zones, gaps and overlaps, and SMART resolution at once.
 * Invariant: the file holds what Java answered, never what we would like.
 */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { DateTimeFormatter } from '../../src/base/java-time/date-time-formatter.ts'
import { toLanguageTag } from '../../src/base/java-time/java-locale.ts'
import { findZone } from '../../src/base/java-time/zone-rules.ts'

type Answer = 'error' | [number | null, number | null, number | null, number]
type Case = [format: string, locale: string, zone: string, input: string, answer: Answer]

const file = new URL('./java-time.json', import.meta.url)
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }

function answerOf([format, locale, zone, input]: Case): Answer {
  const languageTag = toLanguageTag(locale)!
  const formatter = new DateTimeFormatter(format, { languageTag, zone: findZone(zone)! })
  const parsed = formatter.parse(input)
  if (parsed === undefined) return 'error'
  const { epochDay, nanoOfDay, instantSecond, instantNano } = parsed
  return [epochDay ?? null, nanoOfDay ?? null, instantSecond ?? null, instantNano]
}

describe('DateTimeFormatter against Java 17', () => {
  it('has a table worth the name', () => {
    expect(cases.length).toBeGreaterThan(300)
  })

  it.each(cases)('%s %s %s: %s', (...row) => {
    expect(answerOf(row)).toEqual(row[4])
  })
})
