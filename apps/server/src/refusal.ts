import { problems, type ProblemCode } from '@hearsay/protocol'

/** A request that is not granted, with the code that the client is told. Not a fault of the server: it has no stack. */
export class Refusal extends Error {
  readonly code: ProblemCode
  /** Milliseconds after which the same request may be granted; 0: waiting does not help. */
  readonly wait: number
  /** What the problem says besides. */
  readonly extra: Readonly<Record<string, unknown>>

  /** @param detail One sentence about this very case, fit to be shown; none: the code's own sentence. */
  constructor(
    code: ProblemCode,
    detail: string = problems[code][1],
    wait = 0,
    extra: Readonly<Record<string, unknown>> = {},
  ) {
    // Refusals are made at the rate of an attack, and a stack trace is their dearest part.
    const traced = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(detail)
    Error.stackTraceLimit = traced
    this.name = 'Refusal'
    this.code = code
    this.wait = wait
    this.extra = extra
  }
}
