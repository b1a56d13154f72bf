"""Use cases: starting, reading and cancelling runs, and working on them step by step."""
