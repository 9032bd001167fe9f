"""Where a call really happens: simulated, local or remote."""
