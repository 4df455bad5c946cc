import type { VNode } from 'preact'
import { messages } from '../messages/messages.ts'
import { ThresholdPromise } from '../parts/promise.tsx'
import { detector, openFile, openWithBackbone, ownThreshold, trouble, waitingFile } from '../state/session.ts'
import { fitLine, predictLine, specOf, specText } from './settings.ts'

const MEGABYTE = 1e6

/** Step 3: the detector as a file, and its settings for other programs. */
export function KeepStep(): VNode {
  const say = messages.value
  const current = detector.value
  const waiting = waitingFile.value
  return (
    <section aria-labelledby="keep">
      <h2 id="keep">{say.steps.keep}</h2>
      <p class="lead">{say.keepLead}</p>
      <div class="row">
        {current && (
          <button type="button" class="primary" onClick={() => save(current.file, current.name)}>
            {say.save}
          </button>
        )}
        <FileButton label={say.open} accept=".safetensors" onFile={(file) => void openFile(file)} />
      </div>
      {trouble.value?.where === 'keep' && (
        <p class="trouble" role="alert">
          {say.failed}: {trouble.value.message}
        </p>
      )}
      {waiting && (
        <div class="note warn">
          <p>{say.needsBackbone(waiting.name, waiting.backbone)}</p>
          <FileButton
            label={say.chooseBackbone}
            accept=".safetensors,.onnx"
            onFile={(file) => void openWithBackbone(file)}
          />
        </div>
      )}
      {current && (
        <div class="card">
          <p role="status">
            <b>{say.opened(current.name)}</b>, {say.size(current.file.length / MEGABYTE)}
          </p>
          <ThresholdPromise detector={current} />
          {current.learned && (
            <>
              <h3>{say.sameByCommand}</h3>
              <p>{say.commandText}</p>
              <Code text={fitLine(specOf(current, current.name))} />
            </>
          )}
          <p>{say.predictText}</p>
          <Code text={predictLine(current.name, ownThreshold.value)} />
          {current.learned && (
            <>
              <h3>{say.sameInProgram}</h3>
              <Code text={specText(specOf(current, current.name))} />
            </>
          )}
        </div>
      )}
      <p class="hint">
        {say.keptHere} {say.offline}
      </p>
    </section>
  )
}

function Code({ text }: { readonly text: string }): VNode {
  return (
    <pre tabIndex={0}>
      <code>{text}</code>
    </pre>
  )
}

interface FileButtonProps {
  readonly label: string
  readonly accept: string
  readonly onFile: (file: File) => void
}

function FileButton({ label, accept, onFile }: FileButtonProps): VNode {
  return (
    <label class="button">
      {label}
      <input
        type="file"
        class="unseen"
        accept={accept}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0]
          if (file) onFile(file)
          currentTarget.value = ''
        }}
      />
    </label>
  )
}

function save(file: Uint8Array, name: string): void {
  const url = URL.createObjectURL(new Blob([file as Uint8Array<ArrayBuffer>]))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 1000) // after the download has begun
}
