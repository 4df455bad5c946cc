import type { ComponentChildren, VNode } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import type { FindingPicture } from '../engine/engine-api.ts'

interface FindingViewProps {
  /** Null while it is computed. */
  readonly picture: FindingPicture | null
  /** From 0 to 1. */
  readonly opacity: number
  /** The photograph itself. */
  readonly children: ComponentChildren
}

/** A photograph with its heatmap and the outlines of its regions over it. */
export function FindingView({ picture, opacity, children }: FindingViewProps): VNode {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    if (!picture || !canvas.current) return
    canvas.current.width = picture.heat.width
    canvas.current.height = picture.heat.height
    canvas.current.getContext('2d')?.putImageData(picture.heat, 0, 0)
  }, [picture])
  const place = picture && {
    left: `${100 * picture.place.left}%`,
    top: `${100 * picture.place.top}%`,
    width: `${100 * picture.place.width}%`,
    height: `${100 * picture.place.height}%`,
  }
  return (
    <div class="finding">
      {children}
      {picture && place && (
        <>
          <canvas ref={canvas} class="heat" style={{ ...place, opacity }} aria-hidden="true" />
          <svg
            class="outlines"
            style={place}
            viewBox={`0 0 ${picture.heat.width} ${picture.heat.height}`}
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            <path d={picture.outline} />
          </svg>
        </>
      )}
    </div>
  )
}
