/**
 * The converters by the Java class names that users configure, and by their last part.
 * Used by the runtime to build the converters of a task and to list plugins; a class that is not
 * here does not exist. Spec: connect-rest 11.3.
 * Invariant: every call makes a new instance: key, value and header never share one.
 */
import { assert } from '../base/assert.ts'
import {
  type AnyConfig,
  type ConfigSource,
  defineConfig,
  parseConfig,
  sourceOf,
} from '../config/index.ts'
import type { Converter, HeaderConverter, RegistryOpener } from '../flow/index.ts'
import { AvroCodec, avroConverterConfig } from './avro/avro-converter.ts'
import { ByteArrayConverter } from './byte-array-converter.ts'
import { ConvertedHeader, SimpleHeaderConverter } from './header/simple-header-converter.ts'
import { JsonConverter } from './json/json-converter.ts'
import { jsonConverterConfig } from './json/json-converter-config.ts'
import { JsonSchemaCodec, jsonSchemaConverterConfig } from './json-schema/json-schema-converter.ts'
import { PRIMITIVES, PrimitiveConverter, type PrimitiveName } from './primitive-converter.ts'
import { ProtobufCodec, protobufConverterConfig } from './protobuf/protobuf-converter.ts'
import { type RegistryFormat, registryConverter } from './registry/registry-factory.ts'
import { StringConverter, stringConverterConfig } from './string-converter.ts'

/** Options without the prefix (`value.converter.`), as a source with places or a plain record. */
export type ConverterOptions = ConfigSource | Readonly<Record<string, string>>

export interface ConverterFactory {
  /** The full Java class name. */
  readonly className: string
  /** The options that the class declares. */
  readonly config: AnyConfig
  /** Undefined for a class that converts headers only. */
  readonly createConverter:
    | ((options: ConverterOptions, isKey: boolean, services?: ConverterServices) => Converter)
    | undefined
  readonly createHeaderConverter: (
    options: ConverterOptions,
    services?: ConverterServices,
  ) => HeaderConverter
}

/** What converters need that the room does not have: it does no I/O. */
export interface ConverterServices {
  readonly openRegistry: RegistryOpener
}

const PACKAGE = 'org.apache.kafka.connect'
const FOREIGN = { isForeignKey: () => true }

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
  registryFactory('io.confluent.connect.avro.AvroConverter', avroConverterConfig, source => {
    const { settings } = parseConfig(avroConverterConfig, source, FOREIGN)
    return { settings, codec: new AvroCodec(settings) }
  }),
  registryFactory(
    'io.confluent.connect.protobuf.ProtobufConverter',
    protobufConverterConfig,
    source => {
      const { settings } = parseConfig(protobufConverterConfig, source, FOREIGN)
      return { settings, codec: new ProtobufCodec(settings) }
    },
  ),
  registryFactory(
    'io.confluent.connect.json.JsonSchemaConverter',
    jsonSchemaConverterConfig,
    source => {
      const { settings } = parseConfig(jsonSchemaConverterConfig, source, FOREIGN)
      return { settings, codec: new JsonSchemaCodec(settings) }
    },
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

/** A class whose schemas are in a registry; `parse` throws `ConfigError` with every bad option. */
function registryFactory(
  className: string,
  config: AnyConfig,
  parse: (source: ConfigSource) => RegistryFormat,
): ConverterFactory {
  const make = (options: ConverterOptions, isKey: boolean, services?: ConverterServices) => {
    assert(services !== undefined, `${className} needs a schema registry`)
    return registryConverter(parse(toSource(options)), isKey, services.openRegistry)
  }
  return {
    className,
    config,
    createConverter: make,
    createHeaderConverter: (options, services) =>
      new ConvertedHeader(make(options, false, services)),
  }
}

function toSource(options: ConverterOptions): ConfigSource {
  const isSource = 'entries' in options && options.entries instanceof Map
  return isSource ? (options as ConfigSource) : sourceOf(options as Record<string, string>)
}
