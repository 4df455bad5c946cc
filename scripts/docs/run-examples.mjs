// Imports the programs named, one after the other, and writes what each of them printed to standard output as one line of JSON.
// All examples of a package share one process, as most of the time of an example is the start of Node and the loading of the package.
import { pathToFileURL } from 'node:url'
import { format, inspect } from 'node:util'

const write = process.stdout.write.bind(process.stdout)
for (const file of process.argv.slice(2)) {
  const printed = []
  console.log = (...values) => printed.push(format(...values))
  const error = await import(pathToFileURL(file)).then(() => undefined, inspect)
  write(`${JSON.stringify({ file, output: printed.join('\n'), error })}\n`)
}
