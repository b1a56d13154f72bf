"""Outside APIs over HTTP."""
