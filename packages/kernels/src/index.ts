export { kCenter, kCenterRuns, type KCenterOptions } from './k-center/k-center.ts'
export { coMomentsOf, type CoMoments } from './co-moments/co-moments.ts'
export { lowRankWhiteningOf, whiteningOf, type LowRankWhitening, type Whitening } from './whitening/whitening.ts'
export {
  gaussianByProducts,
  type GaussianByProductsOptions,
  type LoadedGaussians,
} from './whitening/gaussian-by-products.ts'
export { searchByProducts, type BankChunk, type SearchByProductsOptions } from './search/search-by-products.ts'
export {
  runWinograd,
  WINOGRAD_WORDS,
  winogradIn,
  winogradParts,
  winogradPlanes,
  winogradRoom,
  type Winograd,
  type WinogradJob,
} from './winograd/winograd.ts'
export { hasSimd } from './open-kernel.ts'
