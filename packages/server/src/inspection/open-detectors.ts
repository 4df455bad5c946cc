import type { Inspector } from '@tab/pipeline'
import type { NodeImage } from '@tab/pipeline/node'
import type { ModelFile } from './protocol.ts'

interface OpenDetector {
  readonly inspector: Promise<Inspector<NodeImage>>
  readonly bytes: number
  users: number
}

/** Detectors of one thread: the ones that were not used for longest are closed where together they take too much memory. */
export class OpenDetectors {
  readonly #memory: number
  readonly #open: (model: ModelFile) => Promise<Inspector<NodeImage>>
  /** By digest; those used last come last. */
  readonly #detectors = new Map<string, OpenDetector>()

  /** @param memory in bytes of detector files; the one in use stays open whatever its size */
  constructor(memory: number, open: (model: ModelFile) => Promise<Inspector<NodeImage>>) {
    this.#memory = memory
    this.#open = open
  }

  /** @throws what opening it throws; the next call tries again */
  async take(model: ModelFile): Promise<{ inspector: Inspector<NodeImage>; release: () => void }> {
    const { digest, bytes } = model
    const detector = this.#detectors.get(digest) ?? { inspector: this.#open(model), bytes, users: 0 }
    this.#detectors.delete(digest)
    this.#detectors.set(digest, detector)
    detector.users += 1
    const release = (): void => {
      detector.users -= 1
      this.#makeRoom()
    }
    try {
      const inspector = await detector.inspector
      this.#makeRoom()
      return { inspector, release }
    } catch (error) {
      if (this.#detectors.get(digest) === detector) this.#detectors.delete(digest)
      throw error
    }
  }

  #makeRoom(): void {
    let held = [...this.#detectors.values()].reduce((sum, { bytes }) => sum + bytes, 0)
    for (const [digest, { bytes, users, inspector }] of this.#detectors) {
      if (held <= this.#memory) return
      if (users > 0) continue
      this.#detectors.delete(digest)
      held -= bytes
      void inspector.then((one) => one.dispose())
    }
  }
}
