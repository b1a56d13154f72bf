"""The controller's tables, the model server over HTTP, and the registry over gRPC."""
