"""Training jobs, model versions, evaluations. Standard library only."""
