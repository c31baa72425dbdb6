"""Rules of the contracts to verdicts and findings, by DuckDB SQL and by Great Expectations."""
