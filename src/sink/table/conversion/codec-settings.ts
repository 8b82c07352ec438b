/**
 * The codec settings of a topic: as they are written, and compiled for the encoders.
 * `compileCodecSettings` runs while the configuration is checked, so every mistake is told before
 * anything is opened. Spec: cassandra-sink 3.6, 12.
 * Invariant: a compiled codec is immutable and shared by all encoders of its topic.
 */
import { JavaNumberFormat } from '../../../base/java-number-format.ts'
import { toLanguageTag } from '../../../base/java-time/java-locale.ts'
import { PatternError } from '../../../base/java-time/pattern.ts'
import { findZone, UTC, type ZoneRules } from '../../../base/java-time/zone-rules.ts'
import { TemporalFormat } from './temporal-format.ts'
import { TIME_UNITS, type TimeUnit } from './time-unit.ts'

export interface CodecSettings {
  readonly locale: string
  readonly timeZone: string
  readonly timestamp: string
  readonly date: string
  readonly time: string
  readonly unit: string
}

export const CODEC_DEFAULTS: CodecSettings = {
  locale: 'en_US',
  timeZone: 'UTC',
  timestamp: 'CQL_TIMESTAMP',
  date: 'ISO_LOCAL_DATE',
  time: 'ISO_LOCAL_TIME',
  unit: 'MILLISECONDS',
}

export type CompatFlag = 'fixed' | 'reference'

/** Deviations from the reference that concern conversions. */
export interface CompatFlags {
  /** Empty blob: a value, or like null. */
  readonly D6: CompatFlag
  /** JSON number beyond double: an overflow, or Infinity. */
  readonly D9: CompatFlag
  /** Logical types of structs: converted, or refused. */
  readonly D10: CompatFlag
  /** JSON object or array for a number: refused, or null. */
  readonly D23: CompatFlag
}

export const COMPAT_FIXED: CompatFlags = { D6: 'fixed', D9: 'fixed', D10: 'fixed', D23: 'fixed' }

/** The flags out of the set of deviations that behave as the reference does. */
export function compatFlags(reference: ReadonlySet<string>): CompatFlags {
  const flag = (id: string): CompatFlag => (reference.has(id) ? 'reference' : 'fixed')
  return { D6: flag('D6'), D9: flag('D9'), D10: flag('D10'), D23: flag('D23') }
}

/** Answers host names for `inet` columns without waiting, from a cache that the caller fills. */
export interface HostResolver {
  /** 4 or 16 bytes; undefined when the name is not known. */
  lookup(name: string): Buffer | undefined
}

export interface CodecOptions {
  readonly compat?: CompatFlags
  readonly hosts?: HostResolver
  /**
   * exact: JSON text came as text; connect: it passed through JsonConverter without schemas, so
   * integers are INT64 and fractions FLOAT64. @default 'exact'
   */
  readonly jsonNumbers?: 'exact' | 'connect'
  readonly rules?: ConversionRules
}

/** datastax: section 9 of the specification; json: Cassandra's own rules for JSON. */
export type ConversionRules = 'datastax' | 'json'

export interface Codec {
  readonly zone: ZoneRules
  readonly numbers: JavaNumberFormat
  readonly timestamp: TemporalFormat
  readonly date: TemporalFormat
  readonly time: TemporalFormat
  readonly unit: TimeUnit
  readonly compat: CompatFlags
  readonly hosts: HostResolver | undefined
  readonly jsonNumbers: 'exact' | 'connect'
  readonly rules: ConversionRules
}

export interface SettingProblem {
  readonly setting: keyof CodecSettings
  /** What was expected and what was found. */
  readonly message: string
}

export type CompiledCodec =
  | { readonly codec: Codec; readonly problems?: undefined }
  | { readonly codec?: undefined; readonly problems: readonly SettingProblem[] }

/** Checks all settings; either a codec, or every problem at once. */
export function compileCodecSettings(
  settings: CodecSettings,
  options: CodecOptions = {},
): CompiledCodec {
  const problems: SettingProblem[] = []
  const report = (setting: keyof CodecSettings, expected: string) => {
    problems.push({ setting, message: `expected ${expected}, found ${settings[setting]}` })
  }
  const tag = toLanguageTag(settings.locale)
  if (tag === undefined) report('locale', 'language[_COUNTRY[_variant]], such as en_US')
  const zone = findZone(settings.timeZone)
  if (zone === undefined) report('timeZone', 'an IANA zone or an offset, such as Europe/Paris')
  const unit = TIME_UNITS.find(name => name === settings.unit)
  if (unit === undefined) report('unit', `one of ${TIME_UNITS.join(', ')}`)
  const basis = { languageTag: tag ?? 'en-US', zone: zone ?? UTC, unit: unit ?? 'MILLISECONDS' }
  const formats = (['timestamp', 'date', 'time'] as const).map(setting => {
    try {
      return new TemporalFormat(settings[setting], basis)
    } catch (error) {
      if (!(error instanceof PatternError)) throw error
      report(setting, `a format name or a DateTimeFormatter pattern (${error.message})`)
      return undefined
    }
  })
  const [timestamp, date, time] = formats
  if (problems.length > 0 || !timestamp || !date || !time) return { problems }
  return {
    codec: {
      zone: basis.zone,
      numbers: new JavaNumberFormat(basis.languageTag),
      timestamp,
      date,
      time,
      unit: basis.unit,
      compat: options.compat ?? COMPAT_FIXED,
      hosts: options.hosts,
      jsonNumbers: options.jsonNumbers ?? 'exact',
      rules: options.rules ?? 'datastax',
    },
  }
}
