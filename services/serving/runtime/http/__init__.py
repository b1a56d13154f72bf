"""The runtime's routes: OpenAI, admin, and who is calling."""
