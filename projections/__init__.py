"""What readers see: rows and folds over events, and the runner with its checkpoints."""
