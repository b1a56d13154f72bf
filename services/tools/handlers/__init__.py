"""Use cases: importing tools, calling them, deciding on calls and making approved ones."""
