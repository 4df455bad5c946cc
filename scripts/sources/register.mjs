// `node --conditions=@tab/source --import=.../register.mjs` runs the sources, in threads too: bundled where `TAB_SOURCES` names a bundle (bundle.mjs),
// which starts three times as fast, else file by file through tsx.
import { register } from 'node:module'

if (process.env.TAB_SOURCES) register('./hooks.mjs', import.meta.url)
else (await import('tsx/esm/api')).register()
