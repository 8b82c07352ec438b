/**
 * The form of a destination without its look: first values, what is wrong, and the saving, which makes
 * the connector of a new destination as well or makes nothing.
 * Used by the dialog. Invariant: a destination whose connector cannot be made is taken back.
 * Spec: ui 4.4, 5.5; cdc-replication 2.2.
 */
import type { CaptureDestination } from '../../api.ts'
import { readerConfig } from './capture-model.ts'
import { addDestination, changeDestination, deleteDestination } from './capture-queries.ts'
import { checkReader, DEFAULT_TOPIC, launchReader, readerName } from './reader.ts'

export interface DestinationForm {
  readonly name: string
  readonly kind: 'Kafka' | 'Cassandra'
  readonly transmissionEnabled: boolean
  readonly topic: string
  readonly format: string
  /** A connector that reads it is launched as well. */
  readonly hasReader: boolean
  /** As they are typed. */
  readonly addresses: string
  /** By their names in the API; a secret that was not touched is absent. */
  readonly driver: Readonly<Record<string, string>>
}

/** By field. */
export type FormErrors = Readonly<Record<string, string>>

export class WrongFields extends Error {
  readonly fields: FormErrors

  constructor(fields: FormErrors) {
    super('Some fields need attention.')
    this.fields = fields
  }
}

const HIDDEN = '[hidden]'
const NAME = /^[A-Za-z0-9_-]{1,64}$/

export function formOf(saved: CaptureDestination | undefined): DestinationForm {
  const driver = Object.entries(saved?.driver ?? {}).filter(([, value]) => value !== HIDDEN)
  return {
    name: saved?.name ?? '',
    kind: saved === undefined ? 'Kafka' : 'Cassandra',
    transmissionEnabled: saved?.transmissionEnabled ?? true,
    ...{ topic: DEFAULT_TOPIC, format: 'default', hasReader: true },
    addresses: saved?.addresses.join(', ') ?? '',
    driver: Object.fromEntries(driver),
  }
}

export function isWrong(form: DestinationForm, isKnown: boolean): FormErrors {
  const { name, kind, topic, hasReader, addresses } = form
  const wrong: Record<string, string> = {}
  if (!isKnown && !NAME.test(name.trim())) {
    wrong['name'] = 'Expected 1 to 64 letters, digits, “_” or “-”.'
  }
  if (kind === 'Kafka' && hasReader && topic.trim() === '') {
    wrong['topic'] = 'Expected the topic that changes go to.'
  }
  if (kind === 'Cassandra' && pointsOf(addresses).length === 0) {
    wrong['addresses'] = 'Expected at least one host, or host:port.'
  }
  return wrong
}

function pointsOf(text: string): string[] {
  return text.split(/[\s,]+/).filter(one => one !== '')
}

export async function saveDestination(
  form: DestinationForm,
  known: CaptureDestination | undefined,
): Promise<void> {
  const { kind, transmissionEnabled, hasReader } = form
  const name = form.name.trim()
  const isKafka = kind === 'Kafka'
  const addresses = isKafka ? [] : pointsOf(form.addresses)
  const filled = Object.entries(form.driver).map(([key, value]) => [
    key,
    value === '' ? null : value,
  ])
  const driver = isKafka ? {} : Object.fromEntries(filled)
  if (known !== undefined) {
    await changeDestination(known.name, { transmissionEnabled, addresses, driver })
    return
  }
  await addDestination({ name, transmissionEnabled, addresses, driver })
  if (!isKafka || !hasReader) return
  try {
    await makeReader(form, name)
  } catch (error) {
    await deleteDestination(name)
    throw error
  }
}

/** Which field of the form a key of the connector is. */
const FIELDS: Readonly<Record<string, string>> = {
  topic: 'topic',
  'scamander.format': 'format',
  destination: 'name',
  name: 'name',
}

async function makeReader({ topic, format }: DestinationForm, destination: string): Promise<void> {
  const config = readerConfig({ destination, topic: topic.trim(), format })
  const wrong = await checkReader(readerName(destination), config)
  const fields = Object.entries(wrong).map(([key, text]) => {
    const field = FIELDS[key]
    return field === undefined ? (['name', `${key}: ${text}`] as const) : ([field, text] as const)
  })
  if (fields.length > 0) throw new WrongFields(Object.fromEntries(fields))
  await launchReader(readerName(destination), config)
}
