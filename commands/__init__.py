"""What may be asked: frozen pydantic messages, who may send them, and the bus that turns them into recorded events."""
