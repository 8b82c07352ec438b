/**
 * What a classic KCQL statement selects from a record's value: JSON tree in, named members out.
 * Compiled once per statement; applied to every record of its topic.
 * Invariants: the order of the statement is kept; a member that is not there is left out; the
 * given tree is never changed. Spec: cassandra-sink 10.2 with D12.
 */
import { assert } from '../../../base/assert.ts'
import type { JsonObject, JsonValue } from '../../../base/json/parse-json.ts'
import type { KcqlColumn, KcqlInsert, KcqlSpan } from '../../../kcql/index.ts'
import { failure } from '../conversion/index.ts'

type Path = readonly string[]

type Selected =
  | { readonly kind: 'all' }
  | { readonly kind: 'members'; readonly steps: Path }
  | { readonly kind: 'path'; readonly steps: Path; readonly name: string }

/** A member that every record may yield, known before any record. */
export interface OutputName {
  readonly name: string
  readonly at: KcqlSpan
}

export class Projection {
  /** The names of all members; undefined with a wildcard, which depends on the record. */
  readonly names: readonly OutputName[] | undefined
  readonly #selected: readonly Selected[]
  readonly #ignored: readonly Path[]
  readonly #isStructured: boolean
  readonly #isWhole: boolean

  constructor(columns: readonly KcqlColumn[], ignored: readonly Path[], isStructured: boolean) {
    this.#selected = columns.map(toSelected)
    this.#ignored = ignored
    this.#isStructured = isStructured
    this.#isWhole = columns.length === 1 && this.#selected[0]!.kind === 'all'
    this.names = namesOf(columns, this.#selected, isStructured)
  }

  static of(statement: KcqlInsert, columns: readonly KcqlColumn[]): Projection {
    const ignored = statement.ignore.map(path => path.steps)
    return new Projection(columns, ignored, statement.clauses.WITHSTRUCTURE !== undefined)
  }

  /** `omitsNull`: members that are listed and null are left out, as for JSON sources. */
  apply(root: JsonObject, omitsNull: boolean): JsonObject {
    if (this.#isWhole && this.#ignored.length === 0) return root
    const out = new Output()
    for (const one of this.#selected) {
      if (one.kind === 'path') this.#path(out, root, { ...one, omitsNull })
      else this.#members(out, root, one.kind === 'all' ? [] : one.steps)
    }
    return out.members
  }

  #path(
    out: Output,
    root: JsonObject,
    of: { steps: Path; name: string; omitsNull: boolean },
  ): void {
    const value = find(root, of.steps)
    if (value === undefined || (value === null && of.omitsNull)) return
    if (this.#isIgnored(of.steps)) return
    const kept = this.#without(value, of.steps)
    out.add(this.#isStructured ? of.steps.slice(0, -1) : [], of.name, kept)
  }

  /** All members of the object at a path, but for those that are selected or ignored by name. */
  #members(out: Output, root: JsonObject, parent: Path): void {
    const value = parent.length === 0 ? root : find(root, parent)
    if (value === undefined || value === null) return
    if (!(value instanceof Map)) throw noObject(parent)
    for (const [name, member] of value) {
      const steps = [...parent, name]
      if (this.#isIgnored(steps) || this.#isListed(steps)) continue
      out.add(this.#isStructured ? parent : [], name, this.#without(member, steps))
    }
  }

  #isIgnored(steps: Path): boolean {
    return this.#ignored.some(path => isSame(path, steps))
  }

  #isListed(steps: Path): boolean {
    return this.#selected.some(one => one.kind === 'path' && isSame(one.steps, steps))
  }

  /** The value without the ignored members that lie deeper. */
  #without(value: JsonValue, steps: Path): JsonValue {
    const deeper = this.#ignored.filter(path => startsWith(path, steps))
    let kept = value
    for (const path of deeper) kept = dropped(kept, path.slice(steps.length))
    return kept
  }
}

/** Members by name; a name that is taken gets `_1`, `_2`, … */
class Output {
  readonly members: JsonObject = new Map()

  add(parent: Path, name: string, value: JsonValue): void {
    let target = this.members
    for (const step of parent) {
      const known = target.get(step)
      const next: JsonObject = known instanceof Map ? new Map(known) : new Map()
      target.set(step, next)
      target = next
    }
    target.set(
      freeName(name, candidate => target.has(candidate)),
      value,
    )
  }
}

function freeName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name
  for (let number = 1; ; number++) {
    const candidate = `${name}_${number}`
    if (!isTaken(candidate)) return candidate
  }
}

function toSelected({ expression, alias }: KcqlColumn): Selected {
  assert(expression.kind !== 'function', 'functions were refused before')
  if (expression.kind === 'all') return { kind: 'all' }
  const { steps, wildcard } = expression.path
  if (wildcard) return { kind: 'members', steps }
  return { kind: 'path', steps, name: alias ?? steps.at(-1)! }
}

function namesOf(
  columns: readonly KcqlColumn[],
  selected: readonly Selected[],
  isStructured: boolean,
): OutputName[] | undefined {
  const names: OutputName[] = []
  for (const [index, one] of selected.entries()) {
    if (one.kind !== 'path') return undefined
    const { at } = columns[index]!
    const isNested = isStructured && one.steps.length > 1
    const wanted = isNested ? one.steps[0]! : one.name
    const isKnown = (name: string) => names.some(known => known.name === name)
    if (isNested && isKnown(wanted)) continue
    names.push({ name: freeName(wanted, isKnown), at })
  }
  return names
}

/** Undefined when a step is missing or null; below anything but an object is an error. */
function find(root: JsonObject, steps: Path): JsonValue | undefined {
  let value: JsonValue | undefined = root
  for (const [depth, step] of steps.entries()) {
    if (value === null || value === undefined) return undefined
    if (!(value instanceof Map)) throw noObject(steps.slice(0, depth))
    value = value.get(step)
  }
  return value
}

function dropped(value: JsonValue, steps: Path): JsonValue {
  if (!(value instanceof Map)) return value
  const [step, ...rest] = steps
  const member = value.get(step!)
  if (member === undefined) return value
  const copy: JsonObject = new Map(value)
  if (rest.length === 0) copy.delete(step!)
  else copy.set(step!, dropped(member, rest))
  return copy
}

function noObject(path: Path): unknown {
  return failure('not an object', `an object at ${path.join('.')}`, 'another value')
}

function isSame(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((step, at) => step === b[at])
}

function startsWith(path: Path, start: Path): boolean {
  return path.length > start.length && start.every((step, at) => step === path[at])
}
