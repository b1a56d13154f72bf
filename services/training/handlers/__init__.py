"""Use cases of training, one transaction each."""
