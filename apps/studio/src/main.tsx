import { render } from 'preact'
import { keepOffline } from './keep-offline.ts'
import { restore } from './state/session.ts'
import { Studio } from './studio.tsx'
import './style/studio.css'

render(<Studio />, document.getElementById('studio') as HTMLElement)
void restore()
void keepOffline()
