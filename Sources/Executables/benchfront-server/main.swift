import ServerApp

await ServerCommand.run()
