/** The engines that tfjs can run on. */
export type EngineName = 'node-gpu' | 'node' | 'webgpu' | 'wasm' | 'cpu'

/** An engine that was tried and does not serve. */
export interface RefusedEngine {
  readonly name: EngineName
  readonly reason: string
}

/** The engine that tfjs runs on from now on, in the whole process or page. */
export interface Engine {
  readonly name: EngineName
  /** tfjs's own name of it: `tensorflow`, `webgpu`, `wasm`, `cpu`. */
  readonly backend: string
  /** Version of tfjs. */
  readonly version: string
  /** Threads of the wasm engine; undefined where the engine decides. */
  readonly threads: number | undefined
  /** Engines preferred to it, and why each does not serve. */
  readonly refused: readonly RefusedEngine[]
}

/** How one engine is started. */
export interface EngineOpener {
  /**
   * Loads what the engine needs and makes it tfjs's current one.
   * @returns tfjs's name of it, and its threads where they are known
   * @throws Error with the reason when it cannot be started
   */
  open(): Promise<{ readonly backend: string; readonly threads?: number }>
}
