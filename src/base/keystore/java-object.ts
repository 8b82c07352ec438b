/**
 * Objects as Java writes them (ObjectOutputStream), as far as key stores hold them: nested objects, byte
 * arrays, texts. Called by `readSecretKeys`. No class is looked for: an object is its fields by name.
 *
 *     u16 ACED, u16 5, then: 73 object | 72 class | 71 reference | 74 text | 75 array | 70 null
 *
 * Invariants: never reads beyond the bytes; whatever is not understood is an error, never a guess.
 * Spec: Java Object Serialization Specification, chapter 6.
 */
export type JavaValue = Buffer | string | JavaFields | null
export type JavaFields = ReadonlyMap<string, JavaValue>

interface JavaClass {
  readonly name: string
  readonly flags: number
  readonly fields: readonly { readonly kind: string; readonly name: string }[]
  readonly parent: JavaClass | null
}

const TAG = { null: 0x70, reference: 0x71, class: 0x72, object: 0x73, text: 0x74, array: 0x75 }
const END_OF_ANNOTATION = 0x78
const FIRST_HANDLE = 0x7e0000
/** Written by the class's plain fields alone. */
const PLAIN = 0x02
const SIZES: Readonly<Record<string, number>> = { B: 1, Z: 1, C: 2, S: 2, I: 4, F: 4, J: 8, D: 8 }
const DEPTH_MAX = 20

/** `next`: where the object ends. Throws RangeError or TypeError for anything else. */
export function readJavaObject(
  bytes: Buffer,
  start: number,
): { readonly value: JavaFields; readonly next: number } {
  const reader = new JavaReader(bytes, start)
  const value = reader.read()
  if (!(value instanceof Map)) throw new TypeError('expected a Java object, found another value')
  return { value, next: reader.at }
}

class JavaReader {
  at: number
  readonly #bytes: Buffer
  readonly #handles: (JavaValue | JavaClass)[] = []
  #depth = 0

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes
    this.at = start + 4
    const head = bytes.readUInt32BE(start)
    if (head !== 0xaced0005) throw new TypeError('expected a Java object, found no header of one')
  }

  read(): JavaValue {
    this.#depth++
    if (this.#depth > DEPTH_MAX) throw new TypeError('the Java object is nested too deeply')
    const value = this.#value(this.#number(1))
    this.#depth--
    return value
  }

  #value(tag: number): JavaValue {
    switch (tag) {
      case TAG.null:
        return null
      case TAG.reference:
        return this.#referred() as JavaValue
      case TAG.text:
        return this.#keep(this.#utf())
      case TAG.array:
        return this.#array()
      case TAG.object:
        return this.#object()
      default:
        throw new TypeError(`a Java object with the tag ${tag}`)
    }
  }

  #object(): JavaValue {
    const type = this.#class()
    const fields = new Map<string, JavaValue>()
    this.#keep(fields)
    const classes: JavaClass[] = []
    for (let one = type; one !== null; one = one.parent) classes.unshift(one)
    for (const { flags, name, fields: own } of classes) {
      if (flags !== PLAIN) throw new TypeError(`a Java class that writes itself: ${name}`)
      for (const field of own) {
        const size = SIZES[field.kind]
        if (size === undefined) fields.set(field.name, this.read())
        else this.#number(size)
      }
    }
    return fields
  }

  #array(): JavaValue {
    const type = this.#class()
    if (type?.name !== '[B') throw new TypeError(`a Java array of the kind ${type?.name}`)
    // Its handle comes before its bytes.
    const place = this.#handles.length
    this.#handles.push(null)
    const bytes = this.#take(this.#number(4))
    this.#handles[place] = bytes
    return bytes
  }

  #class(): JavaClass | null {
    const tag = this.#number(1)
    if (tag === TAG.null) return null
    if (tag === TAG.reference) return this.#referred() as JavaClass
    if (tag !== TAG.class) throw new TypeError(`a Java class with the tag ${tag}`)
    const name = this.#utf()
    this.#take(8)
    const place = this.#handles.length
    this.#handles.push(null)
    const flags = this.#number(1)
    const fields = Array.from({ length: this.#number(2) }, () => this.#field())
    if (this.#number(1) !== END_OF_ANNOTATION) throw new TypeError('an annotated Java class')
    const type = { name, flags, fields, parent: this.#class() }
    this.#handles[place] = type
    return type
  }

  #field(): { kind: string; name: string } {
    const kind = String.fromCharCode(this.#number(1))
    const name = this.#utf()
    if (SIZES[kind] === undefined) this.read()
    return { kind, name }
  }

  #referred(): JavaValue | JavaClass {
    const found = this.#handles[this.#number(4) - FIRST_HANDLE]
    if (found === undefined) throw new TypeError('a Java reference to nothing')
    return found
  }

  #keep<T extends JavaValue>(value: T): T {
    this.#handles.push(value)
    return value
  }

  #utf(): string {
    return this.#take(this.#number(2)).toString('utf8')
  }

  #number(size: number): number {
    return this.#take(size).reduce((sum, byte) => sum * 256 + byte, 0)
  }

  #take(count: number): Buffer {
    const end = this.at + count
    if (end > this.#bytes.length) throw new RangeError('the Java object is cut')
    const taken = this.#bytes.subarray(this.at, end)
    this.at = end
    return taken
  }
}
