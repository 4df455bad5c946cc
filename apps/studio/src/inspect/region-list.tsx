import type { Region } from '@tab/pipeline'
import type { VNode } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { Finding } from '../engine/engine-api.ts'
import { messages } from '../messages/messages.ts'
import { pictures } from '../state/session.ts'

const SHOWN = 4
const LEAST = 0.18 // of the shorter side: a smaller crop does not show what is around
const CROP = 160 // pixels of the canvas

/** The places that stand out, each beside the most similar place of a good picture. */
export function RegionList({ blob, finding }: { readonly blob: Blob; readonly finding: Finding }): VNode {
  const say = messages.value
  const { regions, original } = finding
  return (
    <div class="regions">
      <h3>{say.regions(regions.length)}</h3>
      <ol>
        {regions.slice(0, SHOWN).map((region, index) => (
          <li key={index}>
            <RegionPair blob={blob} region={region} original={original} number={index + 1} />
          </li>
        ))}
      </ol>
      {regions.length > SHOWN && <p class="hint">{say.moreRegions(regions.length - SHOWN)}</p>}
    </div>
  )
}

interface RegionPairProps {
  readonly blob: Blob
  readonly region: Region
  readonly original: readonly [number, number]
  readonly number: number
}

function RegionPair({ blob, region, original, number }: RegionPairProps): VNode {
  const say = messages.value
  const { box, nearest } = region
  const [height, width] = original
  const sideOf = Math.min(Math.max(box.width, box.height, LEAST * Math.min(height, width)) * 1.3, height, width)
  const side = sideOf / width // as a share of the width, which holds for good pictures of another size too
  const good = nearest?.name === undefined ? undefined : pictures.value.find(({ name }) => name === nearest.name)
  const middle = { x: (box.x + box.width / 2) / width, y: (box.y + box.height / 2) / height }
  return (
    <div class="pair">
      <figure>
        <Crop blob={blob} at={middle} side={side} label={`${say.region(number)}, ${say.regionHere}`} />
        <figcaption>
          {say.region(number)}, {say.regionHere}
        </figcaption>
      </figure>
      {nearest && good ? (
        <figure>
          <Crop
            blob={good.blob}
            at={{ x: nearest.at.x / width, y: nearest.at.y / height }}
            side={side}
            label={`${say.regionNearest}, ${say.regionFrom(good.name)}`}
          />
          <figcaption title={good.name}>
            {say.regionNearest}, {say.regionFrom(good.name)}
          </figcaption>
        </figure>
      ) : (
        <p class="hint">{say.regionUnknown}</p>
      )}
    </div>
  )
}

interface CropProps {
  readonly blob: Blob
  /** Its middle, as shares of width and height. */
  readonly at: { readonly x: number; readonly y: number }
  /** As a share of the width. */
  readonly side: number
  readonly label: string
}

/** A square part of a picture. */
function Crop({ blob, at, side, label }: CropProps): VNode {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    let isOver = false
    void createImageBitmap(blob).then((bitmap) => {
      const { width, height } = bitmap
      const length = Math.min(side * width, width, height)
      const within = (middle: number, all: number): number =>
        Math.max(0, Math.min(all - length, middle * all - length / 2))
      const context = isOver ? null : canvas.current?.getContext('2d')
      context?.drawImage(bitmap, within(at.x, width), within(at.y, height), length, length, 0, 0, CROP, CROP)
      bitmap.close()
    })
    return () => {
      isOver = true
    }
  }, [blob, at.x, at.y, side])
  return <canvas ref={canvas} width={CROP} height={CROP} role="img" aria-label={label} />
}
