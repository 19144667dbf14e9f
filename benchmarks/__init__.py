"""The measured claims; each prints a ratio against something run beside it."""
