/**
 * Reads the published data sets: files of the npm package `vega-datasets`, as they are.
 * Called by each flow when the demo starts. The package's door leads to a bundle for browsers;
 * the files lie in the folder beside it.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { messageOf, ScamanderError } from '../../base/scamander-error.ts'
import { DEMO_ERRORS } from '../errors.ts'

/** The text of one data set. */
export async function readDataFile(name: string): Promise<string> {
  try {
    const door = import.meta.resolve('vega-datasets')
    return await readFile(fileURLToPath(new URL(`../data/${name}`, door)), 'utf8')
  } catch (cause) {
    const message = `expected the data set ${name} of the package vega-datasets: ${messageOf(cause)}`
    throw new ScamanderError(DEMO_ERRORS.DATA_MISSING, message, { cause })
  }
}
