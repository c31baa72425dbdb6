"""The warehouse in Apache Superset: a bundle of database, datasets, charts and dashboard that Superset imports."""
