"""Parquet datasets, one hive partition a report year, committed as a whole."""
