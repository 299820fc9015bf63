import CLICommands

await BenchfrontCommand.runToExit()
