"""What runs inside Ray: data → model → loop → evaluate → influence → checkpoint. It imports no service."""
