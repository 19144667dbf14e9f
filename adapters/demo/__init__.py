"""A month at a support desk, simulated: the commands that customers and agents would have sent."""
