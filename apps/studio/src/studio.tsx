import { signal } from '@preact/signals'
import type { VNode } from 'preact'
import { useEffect } from 'preact/hooks'
import { InspectStep } from './inspect/inspect-step.tsx'
import { KeepStep } from './keep/keep-step.tsx'
import { chooseLanguage, language, LANGUAGES, messages, type Language } from './messages/messages.ts'
import { StartAnew } from './parts/start-anew.tsx'
import { detector, engineInfo, isRestored, trouble } from './state/session.ts'
import { TeachStep } from './teach/teach-step.tsx'

const STEPS = ['teach', 'inspect', 'keep'] as const
type Step = (typeof STEPS)[number]

const step = signal<Step>(stepOfAddress())

function stepOfAddress(): Step {
  return STEPS.find((name) => location.hash === `#${name}`) ?? 'teach'
}

window.addEventListener('hashchange', () => (step.value = stepOfAddress()))

/** The page: three steps, of which one is shown. */
export function Studio(): VNode {
  const say = messages.value
  const shown = step.value === 'inspect' && !detector.value && isRestored.value ? 'teach' : step.value
  useEffect(() => {
    document.documentElement.lang = language.value
  }, [language.value])
  return (
    <>
      <header class="top">
        <div class="brand">
          <img src="./icon.svg" alt="" width="36" height="36" />
          <div>
            <h1>{say.title}</h1>
            <p>{say.lead}</p>
          </div>
        </div>
        <nav aria-label={say.stepsLabel}>
          <ol class="steps">
            {STEPS.map((name, index) => {
              const isClosed = name === 'inspect' && !detector.value
              const current = name === shown ? { 'aria-current': 'step' as const } : {}
              const content = (
                <>
                  <span class="number" aria-hidden="true">
                    {index + 1}
                  </span>
                  {say.steps[name]}
                </>
              )
              return (
                <li key={name}>
                  {isClosed ? (
                    <span class="step closed" title={say.later}>
                      {content}
                    </span>
                  ) : (
                    <a class="step" href={`#${name}`} {...current}>
                      {content}
                    </a>
                  )}
                </li>
              )
            })}
          </ol>
        </nav>
        <label class="language">
          <span class="unseen">{say.language}</span>
          <select value={language.value} onChange={(event) => chooseLanguage(event.currentTarget.value as Language)}>
            {Object.entries(LANGUAGES).map(([code, name]) => (
              <option key={code} value={code} lang={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </header>
      <main>
        {trouble.value?.where === 'engine' && (
          <p class="trouble" role="alert">
            {say.engineFailed}: {trouble.value.message}
          </p>
        )}
        {shown === 'teach' && <TeachStep />}
        {shown === 'inspect' && <InspectStep />}
        {shown === 'keep' && <KeepStep />}
      </main>
      <footer>
        <p>
          <strong>{say.private}</strong>{' '}
          <span class="engine">{engineInfo.value ? say.engine(engineInfo.value.threads) : say.engineStarts}</span>
        </p>
        <StartAnew />
      </footer>
    </>
  )
}
