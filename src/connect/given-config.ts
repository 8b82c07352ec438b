/**
 * A configuration as a client of the REST API sends it: its name settled, and checked as a whole,
 * with the texts of Kafka Connect that clients search for.
 * Called by the worker before it creates or changes a connector.
 * Invariant: what is answered here has no error; what is thrown shows no secret.
 * Spec: connect-rest 1 (status code map), 5.3.
 */
import { ScamanderError } from '../base/scamander-error.ts'
import { type ConfigInfos, HIDDEN, sourceOf } from '../config/index.ts'
import {
  type ConnectorEvaluation,
  evaluateConnector,
  unknownConnectorMessage,
  type WorkerContext,
} from './connector-config.ts'
import { CONNECT_ERRORS } from './errors.ts'
import type { ConfigExaminer } from './examine-config.ts'
import { toShownConfig } from './shown-config.ts'

export type GivenConfig = Readonly<Record<string, string>>

/** The configuration with its name, or one error with every problem. */
export function checkGivenConfig(
  name: string,
  given: GivenConfig,
  worker: WorkerContext,
): Record<string, string> {
  return evaluateGiven(name, given, worker).config
}

/** The same, and what the servers say of what it names. */
export async function examineGivenConfig(
  name: string,
  given: GivenConfig,
  of: { readonly worker: WorkerContext; readonly examiner: ConfigExaminer },
): Promise<void> {
  const { evaluation } = evaluateGiven(name, given, of.worker)
  const infos = await of.examiner.infosOf(evaluation)
  if (infos.error_count > 0) throw invalid(infos)
}

function evaluateGiven(
  name: string,
  given: GivenConfig,
  worker: WorkerContext,
): { config: Record<string, string>; evaluation: ConnectorEvaluation } {
  const config = withName(name, given)
  const masked = Object.keys(config).find(key => config[key] === HIDDEN)
  if (masked !== undefined) {
    const message = `${masked}: expected the secret itself, found ${HIDDEN}, for which nothing is stored`
    throw new ScamanderError(CONNECT_ERRORS.INVALID_CONFIG, message)
  }
  const className = config['connector.class']?.trim() ?? ''
  if (className === '') {
    throw missingClass(config)
  }
  const evaluation = evaluateConnector(sourceOf(config), worker)
  const { connectorClass, infos } = evaluation
  if (connectorClass === undefined) {
    throw new ScamanderError(CONNECT_ERRORS.UNKNOWN_CLASS, unknownConnectorMessage(className))
  }
  if (infos.error_count > 0) throw invalid(infos)
  return { config, evaluation }
}

/** Connect's text for a configuration that names no class. */
export function missingClass(config: GivenConfig): ScamanderError {
  const message = `Connector config ${javaMap(toShownConfig(config))} contains no connector type`
  return new ScamanderError(CONNECT_ERRORS.NO_CLASS, message)
}

function withName(name: string, given: GivenConfig): Record<string, string> {
  const inner = given['name']?.trim()
  if (inner !== undefined && inner !== name) {
    const message = `Connector name configuration (${inner}) doesn't match connector name in the URL (${name})`
    throw new ScamanderError(CONNECT_ERRORS.NAME_MISMATCH, message)
  }
  return inner === undefined ? { name, ...given } : { ...given }
}

function invalid(infos: ConfigInfos): ScamanderError {
  const errors = infos.configs.flatMap(info => info.value?.errors ?? [])
  const message = [
    `Connector configuration is invalid and contains the following ${errors.length} error(s):`,
    ...errors,
    'You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
  ].join('\n')
  return new ScamanderError(CONNECT_ERRORS.INVALID_CONFIG, message)
}

function javaMap(config: GivenConfig): string {
  const entries = Object.entries(config).map(([key, value]) => `${key}=${value}`)
  return `{${entries.join(', ')}}`
}
