// A server in a process of its own: started with a spec as JSON, says its address, stops by SIGTERM.
import { createServer } from '@tab/server'

const server = await createServer(JSON.parse(process.argv[2]), { onNote: (note) => console.error(note) })
console.log(server.url)
process.once('SIGTERM', async () => {
  await server.close()
  process.exit(0)
})
