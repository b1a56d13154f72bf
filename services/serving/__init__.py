"""Keeps model servers and the adapters on them as the registry says, and remembers every completion."""
