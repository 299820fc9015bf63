import AgentApp

await AgentCommand.runToExit()
