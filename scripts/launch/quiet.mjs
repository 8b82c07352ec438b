/**
 * Drops one warning: that type stripping is experimental, which early releases of Node 24 print.
 * Loaded by `./scamander` before the program. Every other warning passes unchanged.
 * Plain JavaScript without dependencies: it runs before anything is installed or compiled.
 */
const emitWarning = process.emitWarning

process.emitWarning = (warning, ...rest) => {
  const text = typeof warning === 'string' ? warning : warning.message
  if (text.startsWith('Type Stripping is an experimental feature')) return
  Reflect.apply(emitWarning, process, [warning, ...rest])
}
