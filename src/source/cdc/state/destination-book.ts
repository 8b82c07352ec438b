/**
 * Destinations as they are kept: passwords of their drivers sealed, everything else as it is.
 * Used by Capture. The key is SCAMANDER_MASTER_KEY, else a file beside the state, which is made when
 * the first password comes.
 * Invariant: no password stands in the state file; one of an older release is sealed at the start.
 * Spec: cdc-replication 2.2.
 */
import { openSecretBox, type SecretBox } from '../../../base/secret-box.ts'
import { CDC_ERRORS } from '../errors.ts'
import type { CaptureStore } from './capture-store.ts'
import type { Destination } from './records.ts'

type Driver = Readonly<Record<string, string>>
type StoredDestination = Destination & { readonly sealed?: Driver }

const KIND = 'destination'
const SECRET = /pwd|password/

export class DestinationBook {
  readonly #store: CaptureStore
  readonly #keyFile: string
  #box: SecretBox | undefined

  constructor(store: CaptureStore, keyFile: string) {
    this.#store = store
    this.#keyFile = keyFile
  }

  readAll(): Destination[] {
    const all = this.#store.readAll<StoredDestination>(KIND)
    const plain = all.filter(({ driver }) => Object.keys(driver).some(key => SECRET.test(key)))
    for (const { sealed: _, ...destination } of plain) this.put(destination)
    if (plain.length > 0) this.#store.scrub()
    return all.map(stored => {
      const { sealed = {}, ...destination } = stored
      const opened = mapped(sealed, (option, text) =>
        this.#secrets().open(text, nameOf(destination, option)),
      )
      return { ...destination, driver: { ...destination.driver, ...opened } }
    })
  }

  put(destination: Destination): void {
    const { name, driver } = destination
    const options = Object.entries(driver)
    const plain = Object.fromEntries(options.filter(([option]) => !SECRET.test(option)))
    const secret = Object.fromEntries(options.filter(([option]) => SECRET.test(option)))
    const sealed = mapped(secret, (option, text) =>
      this.#secrets().seal(text, nameOf(destination, option)),
    )
    this.#store.put(KIND, name, { ...destination, driver: plain, sealed })
  }

  remove(name: string): void {
    this.#store.remove(KIND, name)
  }

  #secrets(): SecretBox {
    this.#box ??= openSecretBox(this.#keyFile, CDC_ERRORS.STATE)
    return this.#box
  }
}

function mapped(values: Driver, change: (option: string, text: string) => string): Driver {
  return Object.fromEntries(
    Object.entries(values).map(([option, text]) => [option, change(option, text)]),
  )
}

function nameOf({ name }: Destination, option: string): string {
  return `driver-${option} of destination ${name}`
}
