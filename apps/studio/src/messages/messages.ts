import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals'
import { de } from './de.ts'
import { en, type Messages } from './en.ts'

const CATALOGUES = { en, de }
export type Language = keyof typeof CATALOGUES
export const LANGUAGES: Readonly<Record<Language, string>> = { en: 'English', de: 'Deutsch' }
const KEY = 'tab-studio-language'

/** The language of the page: the one chosen before, else that of the browser, else English. */
export const language: Signal<Language> = signal(preferred())

/** What the page says in that language. */
export const messages: ReadonlySignal<Messages> = computed(() => CATALOGUES[language.value])

export function chooseLanguage(chosen: Language): void {
  language.value = chosen
  localStorage.setItem(KEY, chosen)
}

function preferred(): Language {
  const wanted = [localStorage.getItem(KEY), ...navigator.languages].map((tag) => tag?.slice(0, 2))
  return (wanted.find((tag) => tag !== undefined && tag in CATALOGUES) as Language | undefined) ?? 'en'
}
