import type { ComponentChildren, VNode } from 'preact'
import { useState } from 'preact/hooks'
import { messages } from '../messages/messages.ts'
import { filesOfDrop, filesOfInput, type NamedFile } from './read-pictures.ts'

interface DropZoneProps {
  readonly onFiles: (files: readonly NamedFile[]) => void
  /** Further ways to get pictures. */
  readonly children?: ComponentChildren
}

/** Where photographs and folders are dropped or chosen. */
export function DropZone({ onFiles, children }: DropZoneProps): VNode {
  const say = messages.value
  const [isOver, setOver] = useState(false)
  const taken = (input: HTMLInputElement): void => {
    if (input.files) onFiles(filesOfInput(input.files))
    input.value = '' // so that the same files can be chosen again
  }
  return (
    <div
      class={isOver ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setOver(false)
        if (event.dataTransfer) void filesOfDrop(event.dataTransfer).then(onFiles)
      }}
    >
      <p>{say.drop}</p>
      <div class="row">
        <label class="button">
          {say.choosePictures}
          <input
            type="file"
            class="unseen"
            accept="image/*"
            multiple
            onChange={(event) => taken(event.currentTarget)}
          />
        </label>
        <label class="button">
          {say.chooseFolder}
          <input
            type="file"
            class="unseen"
            multiple
            {...{ webkitdirectory: true }}
            onChange={(event) => taken(event.currentTarget)}
          />
        </label>
        {children}
      </div>
    </div>
  )
}
