"""The model server: a KServe process with one base model, the adapters on it, and the OpenAI routes."""
