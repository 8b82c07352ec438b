/**
 * Offsets of a connector from the outside, whether it is a sink (its consumer group) or a source
 * (the worker's offset store, or the connector's own topic). Made by a worker per call, from the configuration alone, because a
 * connector that never ran has no plan.
 * Spec: connect-rest 2.3.
 */
import type { ConnectorOffset } from '../api.ts'
import type { PreparedSource } from '../catalog.ts'
import { hasErrors, sourceOf } from '../config/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { type ConnectorEvaluation, evaluateConnector } from './connector-config.ts'
import { isSourceFrameworkKey } from './framework-config.ts'
import type { OffsetsChange } from './herder.ts'
import type { OffsetStore } from './offsets/offset-store.ts'
import { ownOffsets } from './own-offsets.ts'
import { alterSinkOffsets, readSinkOffsets, resetSinkOffsets } from './sink-offsets.ts'
import {
  alterSourceOffsets,
  readSourceOffsets,
  resetSourceOffsets,
  type SourceOffsetsParts,
} from './source-offsets.ts'
import type { WorkerConfig } from './standalone-config.ts'

export interface ConnectorOffsetsParts {
  readonly name: string
  /** References not resolved. */
  readonly config: Readonly<Record<string, string>>
  readonly worker: WorkerConfig
  readonly logger: Logger
  readonly store: OffsetStore
}

export interface ConnectorOffsets {
  read(): Promise<ConnectorOffset[]>
  /** Partitions that are not named keep theirs; an offset of null removes one. */
  alter(offsets: readonly ConnectorOffset[]): Promise<OffsetsChange>
  reset(): Promise<OffsetsChange>
}

export function connectorOffsets(parts: ConnectorOffsetsParts): ConnectorOffsets {
  const { name, worker, logger, store } = parts
  const evaluation = evaluateConnector(sourceOf(parts.config), worker)
  if (evaluation.connectorClass?.type === 'source') {
    const withStore = async <T>(call: (of: SourceOffsetsParts) => Promise<T>): Promise<T> => {
      const own = ownOffsets({ name, evaluation }, store, { worker, logger })
      try {
        const of = { connector: name, store: own ?? store, prepared: prepared(evaluation) }
        return await call(of)
      } finally {
        await own?.close()
      }
    }
    return {
      read: () => withStore(readSourceOffsets),
      alter: offsets => withStore(of => alterSourceOffsets(of, offsets)),
      reset: () => withStore(resetSourceOffsets),
    }
  }
  const of = { plan: { name, evaluation }, worker, logger }
  return {
    read: () => readSinkOffsets(of),
    alter: async offsets => {
      await alterSinkOffsets(of, offsets)
      return 'by-framework'
    },
    reset: async () => {
      await resetSinkOffsets(of)
      return 'by-framework'
    },
  }
}

function prepared({
  connectorClass,
  lints,
  source,
}: ConnectorEvaluation): PreparedSource | undefined {
  if (connectorClass?.type !== 'source' || hasErrors(lints)) return undefined
  return connectorClass.prepare({ ...source, lints: [] }, isSourceFrameworkKey)
}
