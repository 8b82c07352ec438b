/**
 * Error codes of the sandbox room. Declared once; docs/reference/errors.md is generated from them.
 * Used by every file of the room. A message names what was expected, what was found and where;
 * the advice is what the command line prints under it.
 */
import { declareErrors } from '../base/scamander-error.ts'

export const sandboxErrors = declareErrors('sandbox', {
  OPTION: {
    kind: 'config',
    summary: 'A sandbox option has a value that is not supported.',
    advice: 'Use one of the values named in the message.',
  },
  JAVA: {
    kind: 'config',
    summary: 'No Java runtime that the servers can run on was found.',
    advice:
      'Install Java 17 (Debian: apt install openjdk-17-jre-headless; macOS: brew install openjdk@17) or point JAVA_HOME to one.',
  },
  MAVEN: {
    kind: 'config',
    summary: 'The server jars are not in the cache yet and Maven is not there to fetch them.',
    advice:
      'Install Maven (Debian: apt install maven; macOS: brew install maven), or copy the cache folder from another machine.',
  },
  FETCH: {
    kind: 'retriable',
    summary: 'Maven could not fetch the jars of a server.',
    advice: 'Check the network and the mirror settings in ~/.m2/settings.xml, then start again.',
  },
  PLATFORM: {
    kind: 'config',
    summary: 'The operating system cannot run the sandbox.',
    advice: 'Use Linux, macOS or WSL, or point Scamander to servers that run elsewhere.',
  },
  PORT_TAKEN: {
    kind: 'config',
    summary: 'A requested port is used by another process, or no free port was found.',
    advice: 'Stop the other process, name another port, or leave the port out.',
  },
  RUNNING: {
    kind: 'request',
    summary: 'A sandbox already runs in this folder.',
    advice: 'Use it, stop it with `scamander sandbox down`, or name another --dir.',
  },
  NOT_RUNNING: {
    kind: 'request',
    summary: 'No sandbox, or no such server of it, runs in this folder.',
    advice: 'Start one with `scamander sandbox up`, or name its --dir.',
  },
  MISMATCH: {
    kind: 'config',
    summary: 'The folder holds the data of a sandbox with other options.',
    advice: 'Use the options it was made with, delete the folder, or name another --dir.',
  },
  SERVER_EXIT: {
    kind: 'fatal',
    summary: 'A server ended by itself while it was starting.',
    advice: 'Read the end of its log in the message.',
  },
  SERVER_TIMEOUT: {
    kind: 'retriable',
    summary: 'A server runs but did not answer in time.',
    advice: 'Read the end of its log in the message; a busy machine may just need more time.',
  },
  TOOL: {
    kind: 'fatal',
    summary: 'A helper program of Java (keytool, the Kafka storage tool) failed.',
    advice: 'Read its output in the message.',
  },
  CANCELLED: {
    kind: 'cancelled',
    summary: 'The start was interrupted.',
    advice: 'Start again; nothing was left running.',
  },
})
