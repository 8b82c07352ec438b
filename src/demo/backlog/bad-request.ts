/**
 * Answers of the stand-in that are errors: thrown by routes, sent by its server as Backlog's body.
 * Codes are those of the public documents.
 * Spec: backlog-replication 1.5.
 */
export class BacklogFailure extends Error {
  readonly status: number
  readonly backlogCode: number

  constructor(status: number, backlogCode: number, message: string) {
    super(message)
    this.status = status
    this.backlogCode = backlogCode
  }
}

export class BadRequest extends BacklogFailure {
  constructor(message: string) {
    super(400, 7, message)
  }
}

export class NotFound extends BacklogFailure {
  constructor(message: string) {
    super(404, 6, message)
  }
}
