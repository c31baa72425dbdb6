"""Registry of portals, list adapters and polite fetching: the only package that touches the network."""
