/**
 * The connector classes of copy and validation: what a task does with its part of the ranges.
 * Used by `catalog.ts`. Sessions are a task's own; the runs are those of the commands.
 * Spec: live-migration 3, 4; design, decision 5.
 */
import type { ConfigSource } from '../../config/index.ts'
import type { RecordSource, SourceOpening } from '../../flow/index.ts'
import type { Logger, MetricRegistry } from '../../telemetry/index.ts'
import { runCopy } from '../copy-run.ts'
import type { MigrationMetrics } from '../metrics.ts'
import { runValidation } from '../validate-run.ts'
import { parseCopyConnector } from './copy-connector-config.ts'
import { MigrationSource, type MigrationWork } from './migration-source.ts'
import { OffsetRunStorage } from './offset-run-storage.ts'
import { PART_KEY, type SharedSettings } from './task-fields.ts'
import {
  parsePart,
  partConfigs,
  toClusterPair,
  toCopySettings,
  toValidateSettings,
} from './task-settings.ts'
import { parseValidationConnector } from './validation-connector-config.ts'

type TaskConfig = Readonly<Record<string, string>>

export interface TaskContext {
  readonly connector: string
  readonly logger: Logger
  readonly metrics: MetricRegistry
}

type Begin = (
  opening: SourceOpening,
  taskConfig: TaskConfig,
  context: TaskContext,
) => Promise<MigrationWork>

export function prepareCopyConnector(source: ConfigSource, isForeignKey: (key: string) => boolean) {
  const settings = parseCopyConnector(source, { isForeignKey })
  return prepared(settings, async ({ offsets }, taskConfig, context) => {
    const copy = toCopySettings(settings, Date.now())
    const part = parsePart(taskConfig[PART_KEY])
    const stored = await offsets.readAll()
    const storage = new OffsetRunStorage({ work: 'copy', part }, stored, copy.backdateUs)
    return {
      storage,
      run: async (signal, tell) => {
        const { exitCode, rejected, errors } = await runCopy({
          ...{ clusters: await toClusterPair(settings), settings: copy, store: storage, signal },
          ...{ isRestart: false, logger: context.logger, rejects: { write: tell } },
          metrics: metricsOf(context),
        })
        if (exitCode === 0 || exitCode === 4) return undefined
        return `${rejected} rows were rejected, ${errors} token ranges or tables failed; ${storage.open} ranges are left`
      },
    }
  })
}

export function prepareValidationConnector(
  source: ConfigSource,
  isForeignKey: (key: string) => boolean,
) {
  const settings = parseValidationConnector(source, { isForeignKey })
  return prepared(settings, async ({ offsets }, taskConfig, context) => {
    const part = parsePart(taskConfig[PART_KEY])
    const stored = await offsets.readAll()
    const storage = new OffsetRunStorage({ work: 'validation', part }, stored, 0n)
    return {
      storage,
      run: async (signal, tell) => {
        const { exitCode, counts } = await runValidation({
          ...{ clusters: await toClusterPair(settings), settings: toValidateSettings(settings) },
          ...{ store: storage, isRestart: false, signal, logger: context.logger },
          metrics: metricsOf(context),
          onFailure: failure =>
            tell({ ...failure, differences: failure.differences.map(one => ({ ...one })) }),
        })
        if (exitCode === 0 || exitCode === 4) return undefined
        const { mismatch, missing, extra, errors } = counts
        return `${mismatch} rows differ, ${missing} are missing, ${extra} extra, ${errors} errors; ${storage.open} token ranges are left`
      },
    }
  })
}

function prepared(settings: SharedSettings, begin: Begin) {
  return {
    notes: [],
    supportsExactlyOnce: false,
    taskConfigs: async ({ tasksMax }: { readonly tasksMax: number }) =>
      partConfigs(tasksMax, settings.splits),
    createSource: (taskConfig: TaskConfig, context: TaskContext): RecordSource =>
      new MigrationSource({
        reportTopic: settings.reportTopic,
        begin: opening => begin(opening, taskConfig, context),
      }),
  }
}

function metricsOf({ metrics, connector }: TaskContext): MigrationMetrics {
  return { registry: metrics, job: connector }
}
