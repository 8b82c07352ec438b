/**
 * Reads a `HashMap<byte[], byte[]>` as Java serialises it: the form of Kafka Connect's offsets file.
 * Used once, when a worker that ran alone on the JVM is replaced. Nothing is written in this form.
 * Invariant: a form that is not exactly this one is an error, never a guess.
 * Spec: Java Object Serialization, section 6 (stream protocol).
 */
const MAGIC = 0xaced0005
const TC_NULL = 0x70
const TC_REFERENCE = 0x71
const TC_CLASS = 0x72
const TC_OBJECT = 0x73
const TC_ARRAY = 0x75
const TC_BLOCK = 0x77
const TC_END = 0x78

/** True when the bytes are a Java object stream of any kind. */
export function isJavaStream(bytes: Buffer): boolean {
  return bytes.length >= 4 && bytes.readUInt32BE(0) === MAGIC
}

/** The entries of the map; throws a plain error for anything else. */
export function readJavaByteMap(bytes: Buffer): (readonly [Buffer | null, Buffer | null])[] {
  const reader = new StreamReader(bytes)
  reader.expect(TC_OBJECT)
  const name = reader.readClass()
  if (name !== 'java.util.HashMap') throw new Error(`expected java.util.HashMap, found ${name}`)
  // loadFactor, threshold, then a block with capacity and size
  reader.skip(8)
  reader.expect(TC_BLOCK)
  reader.skip(1 + 4)
  const count = reader.readInt()
  const entries: (readonly [Buffer | null, Buffer | null])[] = []
  for (let i = 0; i < count; i++) entries.push([reader.readBytes(), reader.readBytes()] as const)
  return entries
}

class StreamReader {
  readonly #bytes: Buffer
  #position = 4

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  expect(code: number): void {
    const found = this.#next()
    if (found === code) return
    throw new Error(`expected code ${code} at byte ${this.#position - 1}, found ${found}`)
  }

  skip(count: number): void {
    this.#position += count
  }

  readInt(): number {
    this.#position += 4
    return this.#bytes.readInt32BE(this.#position - 4)
  }

  /** A class description without a superclass; the answer is its name. */
  readClass(): string {
    this.expect(TC_CLASS)
    const name = this.#text()
    // serialVersionUID and flags
    this.skip(8 + 1)
    const fieldCount = this.#short()
    for (let i = 0; i < fieldCount; i++) {
      const type = String.fromCharCode(this.#next())
      this.#text()
      if (type === 'L' || type === '[') throw new Error('expected fields of primitive types')
    }
    this.expect(TC_END)
    this.expect(TC_NULL)
    return name
  }

  /** A byte[] or null. The class is described with the first one and referred to by the others. */
  readBytes(): Buffer | null {
    const code = this.#next()
    if (code === TC_NULL) return null
    if (code !== TC_ARRAY) throw new Error(`expected a byte array, found code ${code}`)
    if (this.#bytes[this.#position] === TC_REFERENCE) this.skip(5)
    else if (this.readClass() !== '[B') throw new Error('expected an array of bytes')
    const length = this.readInt()
    const start = this.#position
    this.skip(length)
    if (length < 0 || this.#position > this.#bytes.length) throw new Error('the file is cut off')
    return this.#bytes.subarray(start, this.#position)
  }

  #next(): number {
    const byte = this.#bytes[this.#position++]
    if (byte === undefined) throw new Error('the file is cut off')
    return byte
  }

  #short(): number {
    this.#position += 2
    return this.#bytes.readUInt16BE(this.#position - 2)
  }

  #text(): string {
    const length = this.#short()
    this.#position += length
    return this.#bytes.toString('utf8', this.#position - length, this.#position)
  }
}
