/** `[height, width]` that images are resized to unless told, where they are not cut into tiles. */
export const USUAL_SIZE: readonly [number, number] = [224, 224]
