/**
 * Builds the element list of a date format and keeps Java's rules for adjacent numbers: numbers
 * of fixed width that follow one of variable width reserve their digits.
 * Used by the pattern compiler and by the predefined formats.
 * Invariant: `activeNumber` is the index of the number that directly precedes, through other
 * fixed-width numbers only, the next element.
 */
import { FractionElement, NumberElement, type NumberOptions } from './number-elements.ts'
import type { Element } from './parse-context.ts'
import { PaddedElement, SequenceElement } from './text-elements.ts'

interface Section {
  readonly elements: Element[]
  activeNumber: number
  padWidth: number
}

export class FormatBuilder {
  readonly #sections: Section[] = [newSection()]

  append(element: Element): this {
    const section = this.#section()
    const padWidth = section.padWidth
    section.padWidth = 0
    section.elements.push(padWidth > 0 ? new PaddedElement(element, padWidth) : element)
    section.activeNumber = -1
    return this
  }

  appendNumber(element: NumberElement): this {
    const section = this.#section()
    const { elements, activeNumber } = section
    const { widthMin, widthMax, signStyle } = element.options
    if (activeNumber < 0 || section.padWidth > 0) {
      const isPadded = section.padWidth > 0
      this.append(element)
      section.activeNumber = isPadded ? -1 : elements.length - 1
      return this
    }
    const base = elements[activeNumber] as NumberElement
    if (widthMin === widthMax && signStyle === 'notNegative') {
      elements[activeNumber] = base.withSubsequentWidth(widthMax)
      this.append(element.withFixedWidth())
      section.activeNumber = activeNumber
    } else {
      elements[activeNumber] = base.withFixedWidth()
      this.append(element)
      section.activeNumber = elements.length - 1
    }
    return this
  }

  number(field: NumberOptions['field'], width?: number): this {
    const options: NumberOptions =
      width === undefined
        ? { field, widthMin: 1, widthMax: 19, signStyle: 'normal' }
        : { field, widthMin: width, widthMax: width, signStyle: 'notNegative' }
    return this.appendNumber(new NumberElement(options))
  }

  fraction(width: number): this {
    return this.appendNumber(new FractionElement(width))
  }

  pad(width: number): this {
    this.#section().padWidth = width
    this.#section().activeNumber = -1
    return this
  }

  startOptional(): this {
    this.#section().activeNumber = -1
    this.#sections.push(newSection())
    return this
  }

  /** False when no section is open. */
  endOptional(): boolean {
    if (this.#sections.length === 1) return false
    const { elements } = this.#sections.pop()!
    if (elements.length > 0) this.append(new SequenceElement(elements, true))
    return true
  }

  build(): Element {
    while (this.endOptional());
    return new SequenceElement(this.#section().elements, false)
  }

  #section(): Section {
    return this.#sections[this.#sections.length - 1]!
  }
}

function newSection(): Section {
  return { elements: [], activeNumber: -1, padWidth: 0 }
}
