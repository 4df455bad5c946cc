/** How a source of images is. */
export interface SourceState {
  readonly name: string
  readonly product: string
  /** Images that it brought, since the start. */
  readonly inspected: number
  /** Images that were given up, as they cannot be read or scored. */
  readonly refused: number
  /** Whether images may have passed unseen. */
  readonly missed: boolean
  /** What its last image waits for, or why it brings none; null where all is well. */
  readonly failure: string | null
}

/** Something that images come from without being asked. */
export interface Source {
  state(): SourceState
  /** Finishes what is under way, and takes nothing new. */
  close(): Promise<void>
}
