/**
 * Converts a sink's configuration between the dialects. Called by `scamander convert config`.
 * Works on the text of the settings: references to secrets stay references.
 * Invariant: the result names a connector class of the wanted dialect; what cannot be said there is
 * among the remarks.
 */
import { type ConfigSource, sourceOf } from '../../../../config/index.ts'
import { DATASTAX_SINK_CLASSES } from '../../datastax/config.ts'
import { CLASSIC_KCQL_SINK_CLASSES } from '../classic-config.ts'
import { KCQL_SINK_CLASS } from '../current-config.ts'
import { classicToDatastax } from './classic-to-datastax.ts'
import type { Conversion } from './conversion-writer.ts'
import { currentToDatastax } from './current-to-datastax.ts'
import { datastaxToKcql } from './datastax-to-kcql.ts'

export const CONVERSION_TARGETS = ['datastax', 'kcql'] as const
export type ConversionTarget = (typeof CONVERSION_TARGETS)[number]

export interface SinkConversion extends Conversion {
  readonly className: string
}

/** Undefined for a class that is no sink of these dialects; throws `KcqlError`. */
export function convertSinkConfig(
  source: ConfigSource,
  className: string,
  to: ConversionTarget,
): SinkConversion | undefined {
  const isDatastax = DATASTAX_SINK_CLASSES.some(one => one === className)
  const isClassic = CLASSIC_KCQL_SINK_CLASSES.some(one => one === className)
  const isCurrent = className === KCQL_SINK_CLASS
  if (!isDatastax && !isClassic && !isCurrent) return undefined
  if (to === 'datastax') {
    if (isDatastax) return { ...unchanged(source), className }
    const converted = isClassic ? classicToDatastax(source) : currentToDatastax(source)
    return { ...parts(converted), className: DATASTAX_SINK_CLASSES[0] }
  }
  if (isCurrent) return { ...unchanged(source), className }
  if (isDatastax) return { ...parts(datastaxToKcql(source.entries)), className: KCQL_SINK_CLASS }
  const half = classicToDatastax(source)
  const whole = datastaxToKcql(sourceOf(Object.fromEntries(half.entries)).entries)
  return {
    entries: whole.entries,
    remarks: [...half.remarks, ...whole.remarks],
    used: half.used,
    className: KCQL_SINK_CLASS,
  }
}

function parts({ entries, remarks, used }: Conversion): Conversion {
  return { entries, remarks, used }
}

/** Nothing to do: every key is the caller's to copy. */
function unchanged({ entries }: ConfigSource): Conversion {
  const copied = new Map([...entries].map(([key, { value }]) => [key, value]))
  return { entries: copied, remarks: [], used: new Set(entries.keys()) }
}
