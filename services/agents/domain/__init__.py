"""Runs and steps, and the rules by which a report judges evidence."""
