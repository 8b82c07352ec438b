/**
 * Splits the text of a stream of server-sent events into events. Used by the live connection.
 * Invariant: an event is told only when its empty line came; comments are bytes and no events.
 * Spec: ui 4.3; WHATWG HTML, server-sent events.
 */
export interface TextEvent {
  readonly id: string | undefined
  readonly event: string
  readonly data: string
}

export class EventText {
  #rest = ''

  push(text: string): TextEvent[] {
    const blocks = (this.#rest + text).split('\n\n')
    this.#rest = blocks.pop() ?? ''
    return blocks.flatMap(toEvent)
  }
}

function toEvent(block: string): TextEvent[] {
  const of = (name: string) =>
    block
      .split('\n')
      .filter(line => line.startsWith(`${name}: `))
      .map(line => line.slice(name.length + 2))
  const [event] = of('event')
  return event === undefined ? [] : [{ id: of('id')[0], event, data: of('data').join('\n') }]
}
