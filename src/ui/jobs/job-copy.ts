/**
 * A job as text for elsewhere: the YAML that `scamander job apply` takes, that command, and curl. Pure.
 * Used by the menu Copy as. A job holds no secrets: its connections stand in it by name.
 * Invariants: the YAML reads back as the same document; what a shell reads is quoted as a whole.
 * Spec: ui 4.4 (Copy as), 5.3.
 */
export type JobCopy = 'yaml' | 'command' | 'curl'

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

/** The answer of `GET /jobs/{id}/export`. */
export type JobDocument = { readonly name: string } & { readonly [key: string]: Json }

export function jobText(format: JobCopy, document: JobDocument, url: string): string {
  if (format === 'yaml') return toYaml(document)
  if (format === 'curl')
    return [
      `curl -X POST ${quoted(`${url}/api/v1/jobs/import`)} \\`,
      "  -H 'Content-Type: application/json' \\",
      `  --data ${quoted(JSON.stringify(document, undefined, 2))}`,
    ].join('\n')
  const file = quoted(`${document.name.replaceAll(/[^\w.-]/g, '_')}.yaml`)
  const body = toYaml(document)
  // The word that ends the text must not be a line of it.
  const end = body.split('\n').includes('YAML') ? 'END_OF_YAML' : 'YAML'
  const apply = `scamander job --url ${quoted(url)} apply ${file}`
  return [`cat > ${file} <<'${end}'`, body.trimEnd(), end, apply].join('\n')
}

/** Blocks; what has nothing below stands as JSON, which is YAML as well. */
export function toYaml(value: Json): string {
  return `${block(value, '').join('\n')}\n`
}

function block(value: Json, indent: string): string[] {
  if (isLeaf(value)) return [`${indent}${JSON.stringify(value)}`]
  if (isList(value))
    return value.flatMap(one => {
      const [first = '', ...rest] = block(one, `${indent}  `)
      return [`${indent}- ${first.trimStart()}`, ...rest]
    })
  return Object.entries(value).flatMap(([key, one]) => {
    const name = `${indent}${keyText(key)}:`
    return isLeaf(one) ? [`${name} ${JSON.stringify(one)}`] : [name, ...block(one, `${indent}  `)]
  })
}

function isLeaf(value: Json): value is string | number | boolean | null {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value)
}

function keyText(key: string): string {
  return /^[A-Za-z_]\w*$/.test(key) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(key)
    ? key
    : JSON.stringify(key)
}

/** One word of a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
