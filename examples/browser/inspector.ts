import { loadDetector, verdict, type Calibration, type Verdict } from '@tab/adapters'
import { onnxBackend, onnxExtractor, type OrtModule } from '@tab/backend-onnx'
import { TabError, tensor, type Tensor } from '@tab/core'
import { prepareImage } from '@tab/data'

/** What is known of one image. */
export interface Inspected extends Verdict {
  readonly score: number
  /** Distances [1,H,W] from good parts, a value for each pixel of `image`. */
  readonly map: Tensor
  /** The image as the detector saw it, [H,W,3]. */
  readonly image: Tensor
}

export interface Inspector {
  readonly calibration: Calibration
  inspect(image: Tensor): Promise<Inspected>
}

/**
 * A detector of a file, on the backbone that it was fitted with; the same in Node and in a browser.
 * @throws INVALID_DATA for a damaged file or one without threshold or image size, INCOMPATIBLE for another backbone
 */
export async function openInspector(ort: OrtModule, file: Uint8Array, backbone: Uint8Array): Promise<Inspector> {
  const extractor = await onnxExtractor({ ort, model: backbone })
  const loaded = await loadDetector(file, { extractor, backend: onnxBackend({ ort }) })
  const { detector, calibration, preparation } = loaded
  if (!calibration || !preparation) {
    throw new TabError('INVALID_DATA', {
      where: 'openInspector',
      expected: 'a threshold and an image size',
      actual: 'none',
    })
  }
  return {
    calibration,
    async inspect(original) {
      const image = prepareImage(original, preparation)
      const { scores, maps } = await detector.predict(tensor([1, ...image.shape], image.data))
      const score = scores.data[0] as number
      return { score, ...verdict(calibration, score), map: maps, image }
    },
  }
}
