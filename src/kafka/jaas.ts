/**
 * Reads `sasl.jaas.config`: one login module of a JAAS file with its options.
 * Form: `module.Class required key="value" other=value;` Values may be quoted with " or ', with
 * backslash escapes inside. Called by the client settings; messages never repeat the text, which
 * holds a password.
 */
export interface JaasLogin {
  /** Simple name of the module's class, as PlainLoginModule. */
  readonly module: string
  readonly options: ReadonlyMap<string, string>
}

const FLAGS = new Set(['required', 'requisite', 'sufficient', 'optional'])
const TOKEN = /\s*(?:(;)|(=)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s;="']+))/gy

type Token = { readonly kind: 'end' | 'equals' | 'text'; readonly text: string }

/** The login, or what is wrong with the text. */
export function parseJaas(source: string): JaasLogin | { readonly problem: string } {
  const tokens = tokenize(source)
  if (tokens === undefined) return { problem: 'a quote is not closed' }
  const [module, flag, ...rest] = tokens
  if (module?.kind !== 'text') return { problem: 'the class of a login module is missing' }
  if (flag?.kind !== 'text' || !FLAGS.has(flag.text.toLowerCase())) {
    return { problem: 'the word "required" must follow the login module' }
  }
  const options = new Map<string, string>()
  let i = 0
  for (; i < rest.length && rest[i]!.kind !== 'end'; i += 3) {
    const [key, equals, value] = [rest[i]!, rest[i + 1], rest[i + 2]]
    if (key.kind !== 'text' || equals?.kind !== 'equals' || value?.kind !== 'text') {
      return { problem: `option ${options.size + 1} is not of the form key="value"` }
    }
    options.set(key.text, value.text)
  }
  if (rest[i]?.kind !== 'end') return { problem: 'the closing semicolon is missing' }
  if (i + 1 < rest.length) return { problem: 'there is more than one login module' }
  return { module: module.text.slice(module.text.lastIndexOf('.') + 1), options }
}

function tokenize(source: string): Token[] | undefined {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  const text = source.trimEnd()
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text)
    if (match === null) return undefined
    const [, end, equals, double, single, bare] = match
    if (end !== undefined) tokens.push({ kind: 'end', text: end })
    else if (equals !== undefined) tokens.push({ kind: 'equals', text: equals })
    else tokens.push({ kind: 'text', text: bare ?? unquote(double ?? single ?? '') })
  }
  return tokens
}

function unquote(text: string): string {
  return text.replace(/\\(.)/gs, '$1')
}
