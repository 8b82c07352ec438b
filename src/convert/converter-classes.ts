/**
 * The converters by the Java class names that users configure, and by their last part.
 * Used by the runtime to build the converters of a task and to list plugins; a class that is not
 * here does not exist. Spec: connect-rest 11.3.
 * Invariant: every call makes a new instance: key, value and header never share one.
 */
import { type AnyConfig, type ConfigSource, defineConfig, sourceOf } from '../config/index.ts'
import type { Converter, HeaderConverter } from '../flow/index.ts'
import { ByteArrayConverter } from './byte-array-converter.ts'
import { ConvertedHeader, SimpleHeaderConverter } from './header/simple-header-converter.ts'
import { JsonConverter } from './json/json-converter.ts'
import { jsonConverterConfig } from './json/json-converter-config.ts'
import { PRIMITIVES, PrimitiveConverter, type PrimitiveName } from './primitive-converter.ts'
import { StringConverter, stringConverterConfig } from './string-converter.ts'

/** Options without the prefix (`value.converter.`), as a source with places or a plain record. */
export type ConverterOptions = ConfigSource | Readonly<Record<string, string>>

export interface ConverterFactory {
  /** The full Java class name. */
  readonly className: string
  /** The options that the class declares. */
  readonly config: AnyConfig
  /** Undefined for a class that converts headers only. */
  readonly createConverter: ((options: ConverterOptions, isKey: boolean) => Converter) | undefined
  readonly createHeaderConverter: (options: ConverterOptions) => HeaderConverter
}

const PACKAGE = 'org.apache.kafka.connect'

const noOptions = (name: string, summary: string): AnyConfig =>
  defineConfig(name, {}, { summary, description: 'This converter has no options of its own.' })

const FACTORIES: readonly ConverterFactory[] = [
  factory('storage.StringConverter', stringConverterConfig, StringConverter.fromConfig),
  factory('json.JsonConverter', jsonConverterConfig, JsonConverter.fromConfig),
  factory(
    'converters.ByteArrayConverter',
    noOptions('ByteArrayConverter', 'Passes bytes through.'),
    () => new ByteArrayConverter(),
  ),
  ...(Object.keys(PRIMITIVES) as PrimitiveName[]).map(name =>
    factory(
      `converters.${name}Converter`,
      noOptions(`${name}Converter`, 'Reads and writes one value of fixed width, big-endian.'),
      () => new PrimitiveConverter(name),
    ),
  ),
  {
    className: `${PACKAGE}.storage.SimpleHeaderConverter`,
    config: noOptions('SimpleHeaderConverter', 'Writes headers as text and infers their types.'),
    createConverter: undefined,
    createHeaderConverter: () => new SimpleHeaderConverter(),
  },
]

/** By full name and by last part, e.g. `JsonConverter`. */
export const converterClasses: ReadonlyMap<string, ConverterFactory> = new Map(
  FACTORIES.flatMap(one => {
    const shortName = one.className.slice(one.className.lastIndexOf('.') + 1)
    return [
      [one.className, one],
      [shortName, one],
    ]
  }),
)

function factory(
  name: string,
  config: AnyConfig,
  create: (source: ConfigSource) => Converter,
): ConverterFactory {
  const make = (options: ConverterOptions) => create(toSource(options))
  return {
    className: `${PACKAGE}.${name}`,
    config,
    createConverter: make,
    createHeaderConverter: options => new ConvertedHeader(make(options)),
  }
}

function toSource(options: ConverterOptions): ConfigSource {
  const isSource = 'entries' in options && options.entries instanceof Map
  return isSource ? (options as ConfigSource) : sourceOf(options as Record<string, string>)
}
