"""Reading the past: time travel, diff, verify, bundle, conformance and what-if."""
