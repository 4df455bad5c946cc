import { Command } from 'commander'
import { benchmarkCommand } from './commands/benchmark.ts'
import { chooseCommand } from './commands/choose.ts'
import { dataCommand } from './commands/data.ts'
import { demoCommand } from './commands/demo.ts'
import { doctorCommand } from './commands/doctor.ts'
import { evaluateCommand } from './commands/evaluate.ts'
import { exportCommand } from './commands/export.ts'
import { fitCommand } from './commands/fit.ts'
import { jobsCommand } from './commands/jobs.ts'
import { predictCommand } from './commands/predict.ts'
import { pretrainCommand } from './commands/pretrain.ts'
import { promptsCommand } from './commands/prompts.ts'
import { serveCommand } from './commands/serve.ts'
import { studioCommand } from './commands/studio.ts'
import { synthCommand } from './commands/synth.ts'
import { workerCommand } from './commands/worker.ts'
import { isOfflineGiven } from './commands/options.ts'
import type { ExitStatus } from './exit-status.ts'
import { configurable } from './configuration.ts'
import type { Terminal } from './terminal/terminal.ts'
import { VERSION } from './version.ts'

/**
 * The `tab` command with all its subcommands.
 * @param setStatus called by a command that ended well with something to say by its exit status
 */
export function createProgram(terminal: Terminal, setStatus: (status: ExitStatus) => void): Command {
  const program = new Command('tab')
    .description('Visual anomaly inspection: from photographs of good parts to scores, heatmaps and tables.')
    .version(VERSION)
    .enablePositionalOptions()
    .showSuggestionAfterError(true)
    .showHelpAfterError('(see --help)')
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .exitOverride()
  program.addCommand(settled(demoCommand(terminal), program))
  program.addCommand(settled(evaluateCommand(terminal, setStatus), program))
  program.addCommand(settled(benchmarkCommand(terminal, setStatus), program))
  program.addCommand(settled(workerCommand(terminal), program))
  program.addCommand(settled(jobsCommand(terminal, setStatus), program))
  program.addCommand(settled(chooseCommand(terminal, setStatus), program))
  program.addCommand(settled(fitCommand(terminal), program))
  program.addCommand(settled(predictCommand(terminal, setStatus), program))
  program.addCommand(settled(serveCommand(terminal), program))
  program.addCommand(settled(studioCommand(terminal), program))
  program.addCommand(settled(pretrainCommand(terminal), program))
  program.addCommand(settled(synthCommand(terminal), program))
  program.addCommand(settled(promptsCommand(terminal), program))
  program.addCommand(settled(dataCommand(terminal), program))
  program.addCommand(settled(exportCommand(terminal), program))
  program.addCommand(settled(doctorCommand(terminal, setStatus), program))
  // By the variable, which reaches both packages of transformers and threads too.
  program.hook('preAction', (_, command) => {
    if (isOfflineGiven(command)) process.env['HF_HUB_OFFLINE'] = '1'
  })
  return configurable(program)
}

/** A subcommand that behaves as its parent in output and exits: commander copies this only for commands it makes itself. */
function settled(command: Command, parent: Command): Command {
  for (const child of command.commands) settled(child, parent)
  return command.copyInheritedSettings(parent)
}
