"""Blueprints: processes drawn as states and transitions that a ticket inside cannot leave sideways (features 2.1)."""
