"""Use cases of curation, each one transaction."""
