"""Builds, gates and publishes releases of the DuckDB warehouse."""
