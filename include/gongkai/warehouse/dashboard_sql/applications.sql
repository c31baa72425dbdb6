-- Applications by year within one level and one kind: rows of it are never added.
SELECT
  report_year, coalesce(level, 'unknown') AS level, kind, n_reports, n_received, received, carried_in, n_resolved, resolved,
  carried_out
FROM mart.applications_by_level
ORDER BY ALL
