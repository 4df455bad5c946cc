import { TabError } from '@tab/core'
import type { CheckAnswer, ModelFile } from '../inspection/protocol.ts'
import { findDetectorFiles, type FoundFile, type ModelCopies } from './detector-files.ts'
import type { ProductVersion, RecordedChange } from './product.ts'

/** What an image is inspected with, fixed when its request arrives. */
export interface Serving {
  readonly product: string
  readonly version: ProductVersion
  readonly threshold: number | null
}

/** By name. */
type Versions = Map<string, { readonly stamp: string; readonly version: ProductVersion }>

export interface CatalogOptions {
  readonly folder: string
  readonly copies: ModelCopies
  readonly check: (model: ModelFile) => Promise<CheckAnswer>
  /** Called with what a person should know: a file that is refused, an entry that is left out. */
  readonly onNote: (note: string) => void
}

/** Products, their versions, and which of these is served. */
export class Catalog {
  readonly #options: CatalogOptions
  readonly #products = new Map<string, Versions>()
  /** Versions that somebody activated, by product: served even where their file was replaced or removed. */
  readonly #pinned = new Map<string, ProductVersion>()
  /** By product and digest. */
  readonly #thresholds = new Map<string, number>()
  readonly #told = new Set<string>()
  #scanning: Promise<void> | undefined

  constructor(options: CatalogOptions) {
    this.#options = options
  }

  /** Takes up detector files that are new, changed or gone. One scan at a time: who calls during one waits for the next. */
  async scan(): Promise<void> {
    const before = this.#scanning
    const scan = (async () => {
      await before?.catch(() => undefined)
      await this.#scanOnce()
    })()
    this.#scanning = scan
    await scan.finally(() => {
      if (this.#scanning === scan) this.#scanning = undefined
    })
  }

  async #scanOnce(): Promise<void> {
    const { folder, onNote } = this.#options
    const { files, leftOut } = await findDetectorFiles(folder)
    for (const entry of leftOut) {
      if (!this.#told.has(entry)) onNote(`${entry} is left out: expected PRODUCT/VERSION.safetensors in ${folder}`)
      this.#told.add(entry)
    }
    for (const file of files) await this.#take(file)
    const present = new Set(files.map(({ product, version }) => `${product}/${version}`))
    for (const [name, versions] of this.#products) {
      for (const version of versions.keys()) if (!present.has(`${name}/${version}`)) versions.delete(version)
      if (versions.size === 0 && !this.#pinned.has(name)) this.#products.delete(name)
    }
  }

  /** Until a file is checked, what was served before goes on being served. */
  async #take({ product, version, path, stamp, at }: FoundFile): Promise<void> {
    const versions: Versions = this.#products.get(product) ?? new Map()
    if (versions.get(version)?.stamp === stamp) return
    const model = await this.#options.copies.add(path).catch(() => undefined) // gone, or not yet readable: seen by the next scan
    if (!model) return
    const found = await this.#checked(model, version, at)
    if (found.refused !== null) this.#options.onNote(`${path} is not served: ${found.refused}`)
    versions.set(version, { stamp, version: found })
    this.#products.set(product, versions)
  }

  async #checked(model: ModelFile, name: string, at: Date): Promise<ProductVersion> {
    const answer = await this.#options.check(model)
    const { threshold, guaranteedRate, goodScores, imageSize } =
      answer.kind === 'sound' ? answer : { threshold: null, guaranteedRate: null, goodScores: null, imageSize: null }
    const refused = answer.kind === 'refused' ? answer.message : null
    return { name, at, model, refused, threshold, guaranteedRate, goodScores, imageSize }
  }

  names(): string[] {
    return [...this.#products.keys()]
  }

  /** Newest first. @throws NOT_FOUND */
  versions(product: string): ProductVersion[] {
    const versions = [...this.#versions(product).values()].map(({ version }) => version)
    return versions.sort((a, b) => b.at.getTime() - a.at.getTime() || b.name.localeCompare(a.name))
  }

  /** The version that stays active until somebody activates another one; null where the newest one is. */
  pinned(product: string): ProductVersion | null {
    return this.#pinned.get(product) ?? null
  }

  /** The version that images are inspected with: the pinned one, or the newest that can be served; null without one. */
  active(product: string): ProductVersion | null {
    return this.pinned(product) ?? this.versions(product).find(({ refused }) => refused === null) ?? null
  }

  /** What somebody set in place of the threshold in the file. */
  override(product: string, { model }: ProductVersion): number | null {
    return this.#thresholds.get(`${product}/${model.digest}`) ?? null
  }

  /**
   * The version that an image is inspected with now.
   * @param name of a version, in place of the active one
   * @throws NOT_FOUND without the product, the version or one that can be served; INCOMPATIBLE for one that is refused
   */
  serving(product: string, name?: string): Serving {
    const version = name === undefined ? this.active(product) : this.version(product, name)
    if (!version) {
      const reasons = this.versions(product).map((one) => `${one.name}: ${one.refused}`)
      const expected = 'a version that can be served'
      throw new TabError('NOT_FOUND', { where: `product ${product}`, expected, actual: reasons.join('; ') })
    }
    return { product, version, threshold: this.override(product, version) }
  }

  /** @throws NOT_FOUND without it; INCOMPATIBLE for one that is refused */
  version(product: string, name: string): ProductVersion {
    const pinned = this.pinned(product)
    if (pinned?.name === name) return pinned
    const found = this.#versions(product).get(name)?.version
    const where = `product ${product}`
    if (!found) {
      const names = this.versions(product).map((one) => one.name)
      throw new TabError('NOT_FOUND', { where, expected: `a version of ${names.join(', ')}`, actual: name })
    }
    if (found.refused !== null) throw new TabError('INCOMPATIBLE', { where, message: `${name}: ${found.refused}` })
    return found
  }

  /** A change that was recorded, of now or of an earlier run, in the order of their making. */
  async apply({ product, kind, version, digest, value, at }: RecordedChange): Promise<void> {
    if (kind === 'threshold') {
      const key = `${product}/${digest}`
      if (value === null) this.#thresholds.delete(key)
      else this.#thresholds.set(key, value)
    } else if (kind === 'learn' && !this.#pinned.has(product)) {
      return // the newest file, which it is, is active
    } else if (version === null || digest === null) this.#pinned.delete(product)
    else {
      const versions = this.#products.get(product) ?? (new Map() as Versions)
      // The same bytes may lie there by another name.
      const present = [...versions.values()].find((one) => one.version.model.digest === digest)?.version
      const model = present ? undefined : await this.#options.copies.find(digest)
      const pinned = present ? { ...present, name: version } : model && (await this.#checked(model, version, at))
      if (!pinned)
        return this.#options.onNote(`${product}/${version} is active, but neither its file nor a copy is there`)
      this.#products.set(product, versions)
      this.#pinned.set(product, pinned)
    }
  }

  /** Digests of all versions that may be served. */
  digests(): Set<string> {
    const versions = [...this.#products.values()].flatMap((some) => [...some.values()])
    const all = [...versions.map(({ version }) => version), ...this.#pinned.values()]
    return new Set(all.map(({ model }) => model.digest))
  }

  #versions(product: string): Versions {
    const versions = this.#products.get(product)
    if (versions) return versions
    const expected = `a product of ${this.names().join(', ') || 'none'}`
    throw new TabError('NOT_FOUND', { where: 'products', expected, actual: product })
  }
}
