import SimulatedEngine

await SimulatedEngineCommand.launch()
