import { boxAround, type Canvas } from '../canvas.ts'
import type { Box } from '../report.ts'

/** Marks the places and mixes their colours into them: `opacity` of the new colour. */
export function blendColours(
  { height, width, source, pixels, mask }: Canvas,
  places: Int32Array,
  colours: Float32Array,
  opacity: number,
): Box[] {
  for (let i = 0; i < places.length; i++) {
    const pixel = places[i] as number
    mask[pixel] = 1
    for (let channel = 0; channel < 3; channel++) {
      const [at, before] = [pixel * 3 + channel, source[pixel * 3 + channel] as number]
      pixels[at] = before + opacity * ((colours[i * 3 + channel] as number) - before)
    }
  }
  const box = boxAround(mask, height, width)
  return box ? [box] : []
}
