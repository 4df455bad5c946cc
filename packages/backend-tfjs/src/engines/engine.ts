/** The engines that tfjs can run on. */
export type EngineName = 'node-gpu' | 'node' | 'webgpu' | 'wasm' | 'cpu'

/** An engine that was tried and does not work. */
export interface RefusedEngine {
  readonly name: EngineName
  readonly reason: string
}

/** The engine that tfjs uses from now on, in the whole process or page. */
export interface Engine {
  readonly name: EngineName
  /** tfjs's name for it: `tensorflow`, `webgpu`, `wasm`, `cpu`. */
  readonly backend: string
  /** Version of tfjs. */
  readonly version: string
  /** Number of threads of the wasm engine; undefined for other engines. */
  readonly threads: number | undefined
  /** Preferred engines that do not work, each with the reason. */
  readonly refused: readonly RefusedEngine[]
}

/** Starts one engine. */
export interface EngineOpener {
  /**
   * Loads what the engine needs and makes it tfjs's current one.
   * @returns tfjs's name for it, and its number of threads where known
   * @throws Error with the reason when it cannot be started
   */
  open(): Promise<{ readonly backend: string; readonly threads?: number }>
}
