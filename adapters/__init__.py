"""Where the engine meets the world: journal, read database, Kafka, command line, importers."""
