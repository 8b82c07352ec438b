/**
 * The Connect REST view of a declaration: `ConfigInfos` of the validate call and the key objects
 * of the plugin config call. Used by the server and by every client that draws forms.
 * Invariant: PASSWORD values read `[hidden]`; a value that cannot be parsed is null.
 * Spec: connect-rest 5.1, 5.2.
 */
import { type AnyConfig, type Fields, plainField } from './define-config.ts'
import {
  type EvaluateOptions,
  type Evaluation,
  evaluateConfig,
  type FieldState,
} from './evaluate.ts'
import type { ConnectType, Field } from './field.ts'
import type { Lint } from './lint.ts'
import { HIDDEN, isInlineSecret, isSecretKey } from './secret.ts'
import type { ConfigSource } from './source.ts'

export interface ConfigKeyInfo {
  readonly name: string
  readonly type: ConnectType
  readonly required: boolean
  readonly default_value: string | null
  readonly importance: 'HIGH' | 'MEDIUM' | 'LOW'
  readonly documentation: string
  readonly group: string | null
  readonly width: 'NONE' | 'SHORT' | 'MEDIUM' | 'LONG'
  readonly display_name: string
  readonly dependents: readonly string[]
  readonly order: number
}

export interface ConfigValueInfo {
  readonly name: string
  readonly value: string | null
  readonly recommended_values: readonly string[]
  readonly errors: readonly string[]
  readonly visible: boolean
}

export interface ConfigInfo {
  readonly definition: ConfigKeyInfo | null
  readonly value: ConfigValueInfo | null
}

export interface ConfigInfos {
  readonly name: string
  readonly error_count: number
  readonly groups: readonly string[]
  readonly configs: readonly ConfigInfo[]
}

export function validateConfig(
  config: AnyConfig,
  source: ConfigSource,
  options: EvaluateOptions = {},
): ConfigInfos {
  return toConfigInfos(config, evaluateConfig(config, source, options))
}

type Findings = Pick<Evaluation<Fields>, 'lints' | 'states'>

/** The answer for an evaluation that was made already. */
export function toConfigInfos(config: AnyConfig, evaluation: Findings): ConfigInfos {
  const errors = messagesByKey(evaluation)
  const orders = ordersOf(config)
  const configs: ConfigInfo[] = []
  for (const state of evaluation.states) {
    if (state.field.internal && !errors.has(state.name)) continue
    const definition = state.field.internal ? null : keyInfo(state.field, state.name, orders)
    configs.push({ definition, value: valueInfo(state, errors.get(state.name) ?? []) })
    errors.delete(state.name)
  }
  for (const [name, messages] of errors) {
    const value = { name, value: null, recommended_values: [], errors: messages, visible: true }
    configs.push({ definition: null, value })
  }
  return combineConfigInfos(config.name, [
    { name: config.name, error_count: 0, groups: config.groups, configs },
  ])
}

/** One answer from several declarations, in their order; the errors are counted anew. */
export function combineConfigInfos(name: string, parts: readonly ConfigInfos[]): ConfigInfos {
  const configs = parts.flatMap(part => part.configs)
  return {
    name,
    error_count: configs.reduce((sum, info) => sum + (info.value?.errors.length ?? 0), 0),
    groups: [...new Set(parts.flatMap(part => part.groups))],
    configs,
  }
}

/** The key objects of `GET /connector-plugins/{p}/config`. */
export function configKeys(config: AnyConfig): ConfigKeyInfo[] {
  const orders = ordersOf(config)
  return Object.values(config.fields).flatMap(field =>
    field.kind === 'field' && !field.internal ? [keyInfo(field, field.name, orders)] : [],
  )
}

/** Keys with variable parts that a person may want to add. */
export function patternKeys(config: AnyConfig): PatternKey[] {
  return Object.values(config.fields).flatMap(one => {
    if (one.kind !== 'pattern' || one.field.internal || one.field.noEffect !== undefined) return []
    const { group, importance, doc, examples } = one.field
    return {
      pattern: one.pattern,
      group: group ?? null,
      importance: importance.toUpperCase() as PatternKey['importance'],
      documentation: doc,
      example: examples[0] ?? null,
    }
  })
}

export interface PatternKey {
  readonly pattern: string
  readonly group: string | null
  readonly importance: ConfigKeyInfo['importance']
  readonly documentation: string
  readonly example: string | null
}

function keyInfo(
  field: Field<unknown>,
  name: string,
  orders: ReadonlyMap<Field<unknown>, number>,
): ConfigKeyInfo {
  return {
    name,
    type: field.type,
    required: field.required,
    default_value: field.defaultText,
    importance: field.importance.toUpperCase() as 'HIGH' | 'MEDIUM' | 'LOW',
    documentation: field.doc,
    group: field.group ?? null,
    width: field.width,
    display_name: field.displayName === field.name ? name : field.displayName,
    dependents: field.dependents,
    order: orders.get(field) ?? -1,
  }
}

function valueInfo(state: FieldState, errors: readonly string[]): ConfigValueInfo {
  return {
    name: state.name,
    value: valueText(state),
    recommended_values: state.field.recommended,
    errors,
    visible: !state.field.internal,
  }
}

function valueText(state: FieldState): string | null {
  const { entry, field } = state
  if (entry === undefined) return field.defaultText
  const isPatternSecret = state.name !== field.name && isSecretKey(state.name)
  const isSecret = field.type === 'PASSWORD' || isPatternSecret || isInlineSecret(entry.value)
  if (isSecret || entry.hidden === true) return HIDDEN
  return state.failed ? null : entry.value.trim()
}

/** Error texts by the name the answer lists them under. */
function messagesByKey(evaluation: Findings): Map<string, string[]> {
  const byKey = new Map(evaluation.states.map(state => [state.key ?? state.name, state]))
  const out = new Map<string, string[]>()
  for (const lint of evaluation.lints) {
    if (lint.severity !== 'error') continue
    const state = byKey.get(lint.key)
    const name = state?.name ?? lint.key
    out.set(name, [...(out.get(name) ?? []), lint.message, ...nullMessages(lint, state)])
  }
  return out
}

/** Connect runs the validator on the null that a failed parse leaves. */
function nullMessages(lint: Lint, state: FieldState | undefined): string[] {
  if (lint.kind !== 'wrong-type' || state?.field.nonNull !== true) return []
  return [`Invalid value null for configuration ${lint.key}: Value must be non-null`]
}

/** Positions within groups, counted from 1 where the declaration gives none. */
function ordersOf(config: AnyConfig): Map<Field<unknown>, number> {
  const counts = new Map<string, number>()
  const orders = new Map<Field<unknown>, number>()
  for (const declared of Object.values(config.fields)) {
    const field = plainField(declared)
    if (field.group === undefined) continue
    const next = field.order ?? (counts.get(field.group) ?? 0) + 1
    counts.set(field.group, next)
    orders.set(field, next)
  }
  return orders
}
