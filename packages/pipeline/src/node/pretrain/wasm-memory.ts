import { TabError } from '@tab/core'
import { STAGES, type NetworkSpec } from '@tab/model'
import type { PretrainSettings } from '@tab/model/training'

const LARGEST = 4 * 2 ** 30 // of a wasm module's memory
const FIXED = 2 ** 28 // weights, moments, scratch space
/**
 * Memory at the height of a pass over the bytes of its convolutions' outputs, as measured with ResNet-18 at 224 px: values kept for the
 * way back, their gradients, and the engine's scratch space.
 */
const OVER_OUTPUTS = { train: 16, frozen: 8 } as const

/**
 * Makes sure that a pass fits the memory of the wasm engine, which cannot grow beyond 4 GiB and fails without a reason when it would.
 * @throws INVALID_ARGUMENT saying what batch fits
 */
export function checkWasmMemory(network: NetworkSpec, settings: PretrainSettings): void {
  const { pairs, accumulate, imageSize, batchNorm } = settings
  const perPair = 2 * 4 * convolvedValues(network, settings) * OVER_OUTPUTS[batchNorm]
  if (FIXED + pairs * perPair <= LARGEST) return
  const fitting = Math.max(1, Math.floor((LARGEST - FIXED) / perPair))
  const passes = Math.ceil(pairs / fitting)
  throw new TabError('INVALID_ARGUMENT', {
    where: 'spec.settings.pairs',
    message:
      `a pass of ${pairs} pairs at ${imageSize} px takes about ${((FIXED + pairs * perPair) / 2 ** 30).toFixed(1)} GiB, and the wasm ` +
      `engine has 4: use spec.settings.pairs ${Math.ceil(pairs / passes)} spec.settings.accumulate ${passes * accumulate}, which is at least as many pairs per step`,
  })
}

/** Values in the outputs of all convolutions that an image passes. */
function convolvedValues({ stem, blocks }: NetworkSpec, settings: PretrainSettings): number {
  const { imageSize, imageLayer, patchLayers, trainableStages } = settings
  const last = Math.max(...[imageLayer, ...patchLayers, ...trainableStages].map((stage) => STAGES.indexOf(stage)))
  let side = imageSize / stem.stride
  let values = side * side * stem.outputChannels
  side /= 2
  for (const { stage, convolutions, downsample } of blocks) {
    if (STAGES.indexOf(stage) > last) break
    for (const { stride, outputChannels } of convolutions) {
      side /= stride
      values += side * side * outputChannels
    }
    if (downsample) values += side * side * downsample.outputChannels
  }
  return values
}
