"""Discord's limits, as pure functions that raise InvalidForm with the path of the fault."""
