"""The search for exploits that nobody wrote: scripts mutated, crossed, played, kept where they are paid for work undone."""
