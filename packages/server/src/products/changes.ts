import type { Store } from '../store/store.ts'
import type { Catalog } from './catalog.ts'
import type { Change, RecordedChange } from './product.ts'

/** Makes a change and records it. */
export type MakeChange = (what: Change) => Promise<RecordedChange>

/** Changes come one after another, in the order of the record: a restart applies them so too. */
export function changesOf(catalog: Catalog, store: Store): MakeChange {
  let changing: Promise<unknown> = Promise.resolve()
  return async (what) => {
    const made = changing.then(async () => {
      const recorded = await store.addChange(what)
      await catalog.apply(recorded)
      return recorded
    })
    changing = made.catch(() => undefined)
    return made
  }
}
