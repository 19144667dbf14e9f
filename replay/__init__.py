"""Reading the past, and proving it: time travel, history, differences, verification.

Read in this order: `time_travel`, `history`, `diff`; then `verify` with `evidence` and `findings`, and the checks it is
made of: `log_check` with `continuity`, `receipt_check`, `side_check`, `view_check`.
"""
