"""What readers see: rows and folds over events, and the runner with its checkpoints.

Read in this order: `base`, `groups`, `tickets`, `tickets_history`, `contacts`, `status_intervals`,
`assignment_intervals`, `messages`, `backlog`, `catalogue`; then `store`, `folding`, `parking`, `recent` and `runner`,
which keep the rows up with the log, and `memory` for rows in memory.
"""
