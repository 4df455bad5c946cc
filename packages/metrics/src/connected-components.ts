/** Which pixels touch: sides alone (4) or corners too (8). */
export type Connectivity = 4 | 8

export interface Components {
  /** [H*W]: 0 outside the mask, else the number of the component from 1, in the order of their first pixels. */
  readonly labels: Int32Array
  /** Number of pixels of each component; index 0 is component 1. */
  readonly sizes: number[]
}

/**
 * Connected components of a binary mask, by union-find over two scans (Wu, Otoo & Suzuki 2009).
 * @param mask [H*W], row-major; whatever is not 0 is inside
 */
export function connectedComponents(
  mask: Uint8Array,
  height: number,
  width: number,
  connectivity: Connectivity = 8,
): Components {
  const labels = new Int32Array(height * width)
  const parents: number[] = [0]
  const root = (label: number): number => {
    let top = label
    while (parents[top] !== top) top = parents[top] as number
    for (let at = label; parents[at] !== top;) {
      const next = parents[at] as number
      parents[at] = top
      at = next
    }
    return top
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const index = y * width + x
      if (mask[index] === 0) continue
      const left = x > 0 ? (labels[index - 1] as number) : 0
      const up = y > 0 ? (labels[index - width] as number) : 0
      const upLeft = connectivity === 8 && y > 0 && x > 0 ? (labels[index - width - 1] as number) : 0
      const upRight = connectivity === 8 && y > 0 && x + 1 < width ? (labels[index - width + 1] as number) : 0
      let label = up || left || upLeft || upRight
      if (label === 0) {
        label = parents.length
        parents.push(label)
      } else {
        for (const other of [left, upLeft, upRight]) {
          if (other === 0 || other === label) continue
          const [a, b] = [root(label), root(other)]
          parents[Math.max(a, b)] = Math.min(a, b)
        }
      }
      labels[index] = label
    }
  }
  const numbers = new Int32Array(parents.length)
  const sizes: number[] = []
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index] as number
    if (label === 0) continue
    const top = root(label)
    if (numbers[top] === 0) numbers[top] = sizes.push(0)
    const number = numbers[top] as number
    sizes[number - 1] = (sizes[number - 1] as number) + 1
    labels[index] = number
  }
  return { labels, sizes }
}
