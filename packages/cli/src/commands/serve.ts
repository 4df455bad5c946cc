import { once } from 'node:events'
import type { ServerSpec } from '@tab/server'
import { Command, InvalidArgumentError, Option } from 'commander'
import type { Terminal } from '../terminal/terminal.ts'
import { nameFlags } from './name-flags.ts'
import { serverPackage } from './own-package.ts'
import { numberWithin, offlineOption, rate, wholeNumber } from './options.ts'

interface ServeFlags extends Omit<ServerSpec, 'limits' | 'folders' | 'sinks' | 'sources'> {
  readonly folder?: readonly string[]
  readonly maxMegabytes?: number
  readonly maxMegapixels?: number
  readonly maxSeconds?: number
  readonly watch?: readonly WatchedFolder[]
  readonly watchNewOnly?: boolean
  readonly webhook?: readonly string[]
  readonly webhookSecret?: string
  readonly mqtt?: readonly string[]
  readonly mqttTopic?: string
  readonly onlyAlarms?: boolean
  readonly json: boolean
}

/** A folder that images of a product come into. */
interface WatchedFolder {
  readonly product: string
  readonly path: string
}

/** `tab serve`: products and their detector files as an HTTP service, until it is stopped. */
export function serveCommand(terminal: Terminal): Command {
  return new Command('serve')
    .description('Serve a folder of products, each a folder of detector files, by HTTP until stopped.')
    .requiredOption('--products <dir>', 'folder of products: PRODUCT/VERSION.safetensors, as tab fit writes them')
    .option('--state <dir>', 'folder for the store and copies of detector files (default: .tab-server in --products)')
    .option('--database <url>', 'PostgreSQL, postgres://... (default: an embedded database in --state)')
    .option('--host <address>', 'address to listen at (default: 127.0.0.1)')
    .option('--port <n>', 'port to listen at; 0 takes a free one (default: 8000)', wholeNumber(0))
    .option(
      '--token <text>',
      'clients must send "Authorization: Bearer TEXT"; TAB_TOKEN keeps it out of the list of processes',
    )
    .option('--insecure', 'serve an address that others can reach without a token', false)
    .option('--threads <n>', 'threads that inspect (default: one for each processor)', wholeNumber(1))
    .option('--queue <n>', 'images that may wait; the next is answered with 503 (default: 64)', wholeNumber(0))
    .option('--memory <mib>', 'size of detector files open at once (default: 1024)', wholeNumber(1))
    .option('--folder <dir...>', 'folders that images may be read from by {"path": ...}')
    .option('--watch <product=dir...>', 'inspect each image that comes into a folder, of a camera for example', watched)
    .option('--watch-new-only', 'with --watch: leave alone what is there at the start')
    .addOption(
      new Option(
        '--store-policy <name>',
        'block: answer once a result is stored; drop-oldest: never wait, and count what is dropped (default: drop-oldest)',
      ).choices(['block', 'drop-oldest']),
    )
    .option('--store-queue <n>', 'results that may wait for the store (default: 10000)', wholeNumber(1))
    .option('--webhook <url...>', 'POST every result there, signed with --webhook-secret')
    .option('--webhook-secret <text>', 'key of the HMAC in x-tab-signature (TAB_WEBHOOK_SECRET)')
    .option('--mqtt <url...>', 'publish every result to a broker, mqtt://...')
    .option('--mqtt-topic <topic>', '{product} and {verdict} are replaced (default: tab/{product}/results)')
    .option('--only-alarms', 'tell webhooks and brokers only of what is not good')
    .option('--no-check-pictures', 'judge also what is out of focus, too dark, too bright or of another size')
    .option('--keep-days <n>', 'days that results and feedback are kept (default: 90)', numberWithin(1e-3, 1e5))
    .option(
      '--drift-false-alarm-rate <p>',
      'probability of a false alarm that good parts have changed (default: 0.001)',
      rate,
    )
    .option('--keep-images', 'keep the bytes of inspected images too', false)
    .option('--max-megabytes <n>', 'largest body (default: 32)', numberWithin(1e-3, 1e4))
    .option('--max-megapixels <n>', 'largest image (default: 64)', numberWithin(1e-3, 1e4))
    .option('--max-seconds <n>', 'longest inspection (default: 30)', numberWithin(1e-3, 3600))
    .addOption(offlineOption())
    .option('--json', 'print the address as JSON', false)
    .addHelpText(
      'after',
      '\nExample:\n  tab fit --data photos --output products/washer/v1.safetensors\n  tab serve --products products\n' +
        '  curl --data-binary @part.jpg -H content-type:image/jpeg http://127.0.0.1:8000/v1/products/washer/inspect',
    )
    .action((flags: ServeFlags) => runServe(flags, terminal))
}

async function runServe(flags: ServeFlags, { stdout, stderr, signal }: Terminal): Promise<void> {
  const { createServer } = await serverPackage('tab serve')
  const onNote = (note: string): void => void stderr.write(`${nameFlags(note)}\n`)
  const server = await createServer(specOf(flags), { onNote })
  const { url, products } = server
  const named = products.length === 0 ? 'no product yet' : products.join(', ')
  if (flags.json) stdout.write(`${JSON.stringify({ url, products })}\n`)
  else stdout.write(`${url}: ${named}\npage ${url}/, API ${url}/docs; ctrl-C stops it\n`)
  if (!signal.aborted) await once(signal, 'abort')
  stderr.write('answering what is under way\n')
  await server.close()
}

/** Flags of the command line itself, which are no fields of the spec. */
const OWN_FLAGS = ['json', 'offline']

function specOf(given: ServeFlags): ServerSpec {
  const { folder, watch = [], watchNewOnly: newOnly, maxMegabytes, maxMegapixels, maxSeconds, ...more } = given
  const { webhook = [], webhookSecret: secret, mqtt = [], mqttTopic: topic, onlyAlarms, ...flags } = more
  const fields = Object.fromEntries(Object.entries(flags).filter(([name]) => !OWN_FLAGS.includes(name)))
  return {
    ...(fields as unknown as ServerSpec),
    folders: folder,
    sources: watch.map((one) => ({ type: 'folder' as const, ...one, newOnly })),
    sinks: [
      ...webhook.map((url) => ({ type: 'webhook' as const, url, secret, onlyAlarms })),
      ...mqtt.map((url) => ({ type: 'mqtt' as const, url, topic, onlyAlarms })),
    ],
    limits: {
      bytes: maxMegabytes && Math.round(maxMegabytes * 2 ** 20),
      pixels: maxMegapixels && Math.round(maxMegapixels * 1e6),
      seconds: maxSeconds,
    },
  }
}

/** A parser of `PRODUCT=DIR`, once or more. */
function watched(text: string, before: readonly WatchedFolder[] = []): readonly WatchedFolder[] {
  const at = text.indexOf('=')
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError(`expected PRODUCT=DIR, got "${text}"`)
  return [...before, { product: text.slice(0, at), path: text.slice(at + 1) }]
}
