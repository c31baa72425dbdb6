"""Content-addressed store of raw documents, and the log of requests."""
