"""What synthesis is about: facts, wordings, examples and the rules that verify them. Standard library only."""
