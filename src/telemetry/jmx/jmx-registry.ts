/**
 * The beans of this process by object name, each owned by a connector. There is no JMX here: the
 * server shows them as JSON at `/jmx`.
 * Fed by sinks, which keep the beans they ask for; owners are removed by the connect room.
 * Invariant: the same name gives the same bean until its owner is removed, so that tasks of one
 * connector count together and a task that starts again goes on counting.
 * Spec: cassandra-sink 8.
 */
import { type Clock, systemClock } from '../../base/clock.ts'
import { type Bean, type BeanAttributes, EventCounter } from './bean.ts'
import { DecayingHistogram } from './decaying-histogram.ts'
import { Meter } from './meter.ts'
import { Timer } from './timer.ts'

interface Entry {
  readonly owner: string
  readonly bean: Bean
}

export interface NamedBean {
  readonly name: string
  readonly attributes: BeanAttributes
}

export class JmxRegistry {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()

  constructor(clock: Clock = systemClock) {
    this.#clock = clock
  }

  counter(owner: string, name: string): EventCounter {
    return this.#obtain({ owner, name, type: EventCounter }, () => new EventCounter())
  }

  meter(owner: string, name: string): Meter {
    return this.#obtain({ owner, name, type: Meter }, () => new Meter(this.#clock))
  }

  histogram(owner: string, name: string): DecayingHistogram {
    const make = () => new DecayingHistogram(this.#clock)
    return this.#obtain({ owner, name, type: DecayingHistogram }, make)
  }

  timer(owner: string, name: string, highestMs: number): Timer {
    return this.#obtain({ owner, name, type: Timer }, () => new Timer(this.#clock, highestMs))
  }

  removeOwner(owner: string): void {
    for (const [name, entry] of this.#entries) {
      if (entry.owner === owner) this.#entries.delete(name)
    }
  }

  /** Beans whose names begin so, sorted by name. */
  read(prefix = ''): NamedBean[] {
    return [...this.#entries]
      .filter(([name]) => name.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { bean }]) => ({ name, attributes: bean.attributes() }))
  }

  #obtain<T extends Bean>(
    of: { owner: string; name: string; type: abstract new (...args: never) => T },
    make: () => T,
  ): T {
    const { owner, name, type } = of
    const known = this.#entries.get(name)
    if (known?.owner === owner && known.bean instanceof type) return known.bean
    const bean = make()
    this.#entries.set(name, { owner, bean })
    return bean
  }
}
