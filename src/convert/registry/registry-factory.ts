/**
 * Puts a registry converter together: a format with its options, the client of its registry.
 * Called through `converterClasses`, once per task and role.
 * Invariant: every converter has a client of its own, so that one slow registry holds up only those
 * who use it.
 */
import type { RegistryOpener } from '../../flow/index.ts'
import { RegistryConverter } from './registry-converter.ts'
import { type RegistryOptions, toRegistrySettings, toWriteRules } from './registry-settings.ts'
import type { SchemaCodec } from './schema-codec.ts'

export interface RegistryFormat {
  readonly settings: RegistryOptions
  readonly codec: SchemaCodec
}

export function registryConverter(
  { settings, codec }: RegistryFormat,
  isKey: boolean,
  openRegistry: RegistryOpener,
): RegistryConverter {
  return new RegistryConverter({
    codec,
    registry: openRegistry(toRegistrySettings(settings)),
    rules: toWriteRules(settings, isKey),
    cacheEntriesMax: settings.cacheEntriesMax,
  })
}
