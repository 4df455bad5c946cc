/** Pixels of a TIFF file, and how they are stored. */
export interface TiffPixels {
  readonly width: number
  readonly height: number
  /** Channels; default 1, of 3 on RGB. */
  readonly channels?: number
  readonly bits: number
  /** 1 unsigned, 2 signed, 3 floating point, 6 complex. */
  readonly format: number
  readonly data: Uint8Array
  /** Tag 262; default by the channels, 0 has white as 0. */
  readonly photometric?: number
  /** EXIF orientation. */
  readonly orientation?: number
  readonly bigEndian?: boolean
}

/** The bytes of an uncompressed TIFF (TIFF 6.0) of one strip. */
export function tiffFile({ width, height, channels = 1, bits, format, data, ...rest }: TiffPixels): Uint8Array {
  const { photometric = channels < 3 ? 1 : 2, orientation = 1, bigEndian = false } = rest
  const little = !bigEndian
  const tags: [tag: number, value: number, count: number][] = [
    [256, width, 1],
    [257, height, 1],
    [258, bits, channels],
    [259, 1, 1],
    [262, photometric, 1],
    [273, 0, 1],
    [274, orientation, 1],
    [277, channels, 1],
    [278, height, 1],
    [279, data.length, 1],
    ...(channels === 4 ? [[338, 2, 1] as [number, number, number]] : []),
    [339, format, channels],
  ]
  const directory = 8 + 2 + tags.length * 12 + 4
  const lists = tags.filter(([, , count]) => count > 2)
  const start = directory + lists.length * channels * 2
  const bytes = new Uint8Array(start + data.length)
  const view = new DataView(bytes.buffer)
  view.setUint16(0, little ? 0x4949 : 0x4d4d)
  view.setUint16(2, 42, little)
  view.setUint32(4, 8, little)
  view.setUint16(8, tags.length, little)
  let free = directory
  tags.forEach(([tag, value, count], index) => {
    const at = 10 + index * 12
    const isLong = tag === 273 || tag === 279
    view.setUint16(at, tag, little)
    view.setUint16(at + 2, isLong ? 4 : 3, little)
    view.setUint32(at + 4, count, little)
    if (isLong) view.setUint32(at + 8, tag === 273 ? start : value, little)
    else if (count <= 2) for (let i = 0; i < count; i++) view.setUint16(at + 8 + 2 * i, value, little)
    else {
      view.setUint32(at + 8, free, little)
      for (let i = 0; i < count; i++) view.setUint16(free + 2 * i, value, little)
      free += count * 2
    }
  })
  bytes.set(data, start)
  return bytes
}

/** The bytes of numbers, as the machine stores them (little-endian wherever tests run). */
export function bytesOf(numbers: { readonly buffer: ArrayBufferLike }): Uint8Array {
  return new Uint8Array(numbers.buffer)
}
