/** Prints each mutant that no test noticed when it is found, so that a run that is cut short has told what it knew. */
class SurvivorsReporter {
  tested = 0
  killed = 0

  onMutantTested({ status, fileName, location, mutatorName, replacement }) {
    if (status === 'Ignored') return
    this.tested++
    if (status === 'Killed' || status === 'Timeout') this.killed++
    if (this.tested % 20 === 0) process.stdout.write(`${this.tested} tested, ${this.killed} killed\n`)
    if (status !== 'Survived' && status !== 'NoCoverage') return
    const { line, column } = location.start
    const [shown] = (replacement ?? '').split('\n')
    process.stdout.write(`${status} ${fileName}:${line}:${column} ${mutatorName}: ${shown}\n`)
  }
}

export const strykerPlugins = [{ kind: 'Reporter', name: 'survivors', injectableClass: SurvivorsReporter }]
