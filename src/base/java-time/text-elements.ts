/**
 * Elements of a date pattern that match text: literals, names of a locale, optional sections,
 * padding, and switches of the letter-case and strictness modes. Built by FormatBuilder.
 * Invariant: an optional section that does not match leaves fields and zone as they were.
 */

import type { LocaleText, NameList, TextKey } from './locale-text.ts'
import { NumberElement } from './number-elements.ts'
import { type Element, FAILED, type Field, type ParseContext } from './parse-context.ts'

export class LiteralElement implements Element {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  parse(context: ParseContext, position: number): number {
    return context.matches(this.#text, position) ? position + this.#text.length : FAILED
  }
}

/** A name out of a list; without a list, a number. */
export class NameElement implements Element {
  readonly #field: Field
  readonly #names: NameList | undefined
  readonly #lenientNames: NameList
  readonly #number: NumberElement

  constructor(field: Field, names: NameList | undefined, lenientNames: NameList = names ?? []) {
    this.#field = field
    this.#names = names
    this.#lenientNames = lenientNames
    this.#number = new NumberElement({ field, widthMin: 1, widthMax: 19, signStyle: 'normal' })
  }

  static ofLocale(key: TextKey, locale: LocaleText): NameElement {
    const styles = ['full', 'short'] as const
    const all = styles.flatMap(style => [...(locale.list({ ...key, style }) ?? [])])
    return new NameElement(key.field, locale.list(key), all)
  }

  parse(context: ParseContext, position: number): number {
    const names = context.isStrict ? this.#names : this.#lenientNames
    for (const [name, value] of names ?? []) {
      if (context.matches(name, position)) {
        return context.setField(this.#field, value, position + name.length)
      }
    }
    if (names !== undefined && context.isStrict) return FAILED
    return this.#number.parse(context, position)
  }
}

export class SequenceElement implements Element {
  readonly #elements: readonly Element[]
  readonly #isOptional: boolean

  constructor(elements: readonly Element[], isOptional: boolean) {
    this.#elements = elements
    this.#isOptional = isOptional
  }

  parse(context: ParseContext, position: number): number {
    if (!this.#isOptional) return this.#parseAll(context, position)
    const fields = new Map(context.fields)
    const zone = context.zone
    const next = this.#parseAll(context, position)
    if (next >= 0) return next
    context.fields = fields
    context.zone = zone
    return position
  }

  #parseAll(context: ParseContext, position: number): number {
    let at = position
    for (const element of this.#elements) {
      at = element.parse(context, at)
      if (at < 0) return FAILED
    }
    return at
  }
}

/** An element padded on the left with blanks to a width. */
export class PaddedElement implements Element {
  readonly #inner: Element
  readonly #width: number

  constructor(inner: Element, width: number) {
    this.#inner = inner
    this.#width = width
  }

  parse(context: ParseContext, position: number): number {
    const { text, isStrict } = context
    if (position >= text.length) return FAILED
    let end = position + this.#width
    if (end > text.length) {
      if (isStrict) return FAILED
      end = text.length
    }
    let at = position
    while (at < end && text[at] === ' ') at++
    const clipped = context.clippedTo(end)
    const next = this.#inner.parse(clipped, at)
    context.fields = clipped.fields
    context.zone = clipped.zone
    return next !== end && isStrict ? FAILED : next
  }
}

export type Mode = 'caseSensitive' | 'caseInsensitive' | 'strict' | 'lenient'

export class ModeElement implements Element {
  readonly #mode: Mode

  constructor(mode: Mode) {
    this.#mode = mode
  }

  parse(context: ParseContext, position: number): number {
    if (this.#mode === 'strict') context.isStrict = true
    else if (this.#mode === 'lenient') context.isStrict = false
    else context.ignoresCase = this.#mode === 'caseInsensitive'
    return position
  }
}
