/**
 * Java's DateTimeFormatter for parsing: a predefined name or a pattern, a locale and a zone.
 * Compiled once per setting; `parse` is called once per cell that has no faster path.
 * Text is matched without regard to letter case and must be consumed whole; resolution is SMART,
 * chronology ISO.
 * Invariant: a text that does not match gives undefined, never an exception.
 */
import { LocaleText } from './locale-text.ts'
import { DATE_TIME_FAILURE, type Element, ParseContext } from './parse-context.ts'
import { compilePattern } from './pattern.ts'
import { PREDEFINED_FORMATS } from './predefined.ts'
import { type ParsedTemporal, resolveFields } from './resolve.ts'
import { WeekFields } from './week-fields.ts'
import type { ZoneRules } from './zone-rules.ts'

export type { ParsedTemporal } from './resolve.ts'

export interface DateTimeFormatterOptions {
  /** BCP 47 tag, see `toLanguageTag`. */
  readonly languageTag: string
  /** The zone of texts that tell none. */
  readonly zone: ZoneRules
}

export class DateTimeFormatter {
  readonly #root: Element
  readonly #weeks: WeekFields
  readonly #zone: ZoneRules

  /** Throws PatternError when `format` is neither a known name nor a pattern. */
  constructor(format: string, options: DateTimeFormatterOptions) {
    this.#root =
      PREDEFINED_FORMATS.get(format) ?? compilePattern(format, new LocaleText(options.languageTag))
    this.#weeks = WeekFields.of(options.languageTag)
    this.#zone = options.zone
  }

  parse(text: string): ParsedTemporal | undefined {
    const context = new ParseContext(text)
    context.ignoresCase = true
    try {
      if (this.#root.parse(context, 0) !== text.length) return undefined
      context.zone ??= this.#zone
      return resolveFields(context, this.#weeks)
    } catch (error) {
      if (error === DATE_TIME_FAILURE) return undefined
      throw error
    }
  }
}
