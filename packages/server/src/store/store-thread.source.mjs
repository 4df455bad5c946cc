// The thread run from its sources: piscina imports a file past the loaders of the command line.
import { register } from 'tsx/esm/api'
register()
export const {
  ready,
  addResults,
  addFeedback,
  listResults,
  isStored,
  findResults,
  listFeedback,
  addChange,
  listChanges,
  prune,
  close,
} = await import('./store-thread.ts')
