import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { serveStudio } from '../studio/serve-studio.ts'
import { STUDIO_FOLDER } from '../studio-folder.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { wholeNumber } from './options.ts'

const USUAL_PORT = 8016

/** `tab studio`: the page that teaches and inspects, on this machine alone, until it is stopped. */
export function studioCommand({ stdout, signal }: Terminal): Command {
  return new Command('studio')
    .description(
      'Serve TAB Studio to the browsers of this machine until stopped: teach good parts by photographs or camera, inspect, save the ' +
        'detector file. Pictures stay in the browser.',
    )
    .option(
      '--port <n>',
      'port to listen at; 0 takes a free one. The browser keeps pictures by port',
      wholeNumber(0),
      USUAL_PORT,
    )
    .addHelpText('after', `\nExample:\n  tab studio\n  then open http://127.0.0.1:${USUAL_PORT}/`)
    .action(async ({ port }: { readonly port: number }) => {
      const studio = await serveStudio(fileURLToPath(STUDIO_FOLDER), port)
      stdout.write(`TAB Studio: ${studio.url}\nopen it in a browser; ctrl-C stops it\n`)
      if (!signal.aborted) await once(signal, 'abort')
      await studio.close()
    })
}
