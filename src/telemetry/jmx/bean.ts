/**
 * A bean is what `/jmx` shows under one object name: named numbers, computed when they are read.
 * `EventCounter` is the simplest; meters, histograms and timers stand beside it.
 * Invariant: `attributes` changes nothing that is counted.
 * Spec: cassandra-sink 8.
 */
export type BeanAttributes = Readonly<Record<string, number>>

export interface Bean {
  /** In the order they are shown. */
  attributes(): BeanAttributes
}

/** Attribute: Count. */
export class EventCounter implements Bean {
  #count = 0

  add(count = 1): void {
    this.#count += count
  }

  attributes(): BeanAttributes {
    return { Count: this.#count }
  }
}
