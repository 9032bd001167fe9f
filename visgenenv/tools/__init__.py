"""The 36 tools: typed arguments, laws, prices, latencies, faults."""
