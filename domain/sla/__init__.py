"""Service level agreements: policies, their two clocks a ticket, and verdicts that stand (features 2.2)."""
