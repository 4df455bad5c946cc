import { tensor, type Tensor } from '@tab/core'
import { resizeImage } from '@tab/data'

/** A normal image, what was made of it, and where. */
export interface Triple {
  readonly normal: Tensor
  readonly anomalous: Tensor
  /** [H,W] */
  readonly mask: Tensor<'uint8'>
}

const TILE = 160
const GAP = 6
const PER_ROW = 3
const PAPER = 0.95

/** An image of many triples side by side, each fitted into squares of 160 px: normal, anomalous, mask. */
export function contactSheet(triples: readonly Triple[]): Tensor {
  const rows = Math.ceil(triples.length / PER_ROW)
  const cell = 3 * TILE + 2 * GAP
  const width = Math.min(PER_ROW, triples.length) * (cell + 3 * GAP) + GAP
  const height = rows * (TILE + 2 * GAP) + GAP
  const sheet = new Float32Array(height * width * 3).fill(PAPER)
  triples.forEach(({ normal, anomalous, mask }, index) => {
    const top = GAP + Math.floor(index / PER_ROW) * (TILE + 2 * GAP)
    const left = GAP + (index % PER_ROW) * (cell + 3 * GAP)
    const grey = tensor(
      anomalous.shape,
      anomalous.data.map((_, at) => mask.data[Math.floor(at / 3)] as number),
    )
    ;[normal, anomalous, grey].forEach((image, place) =>
      paste(sheet, width, fitted(image), top, left + place * (TILE + GAP)),
    )
  })
  return tensor([height, width, 3], sheet)
}

function fitted(image: Tensor): Tensor {
  const [height, width] = image.shape as [number, number]
  const scale = TILE / Math.max(height, width)
  return resizeImage(image, [Math.max(1, Math.round(height * scale)), Math.max(1, Math.round(width * scale))])
}

function paste(sheet: Float32Array, sheetWidth: number, image: Tensor, top: number, left: number): void {
  const [height, width] = image.shape as [number, number]
  const [y0, x0] = [top + ((TILE - height) >> 1), left + ((TILE - width) >> 1)]
  for (let y = 0; y < height; y++) {
    sheet.set(image.data.subarray(y * width * 3, (y + 1) * width * 3), ((y0 + y) * sheetWidth + x0) * 3)
  }
}
