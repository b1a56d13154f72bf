"""Plans: which steps an agent takes, in which order, and who decides what each of them does."""
