import type { InspectionAnswer } from '../http/schemas.ts'

/** Somebody who is told of every result. */
export interface Sink {
  /** For messages; without secrets. */
  readonly name: string
  /**
   * Tells one result.
   * @throws Refused where this one is not wanted; any other error where the receiver is down, so that it is tried again
   */
  send(result: InspectionAnswer): Promise<void>
  close(): Promise<void>
}

/** A result that the receiver does not want: trying again would not help. */
export class Refused extends Error {}
