"""What the definitions make of a ticket: its way through a blueprint, its clocks, what time and commands entail."""
