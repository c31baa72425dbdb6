-- The release, with the counts of the tiles.
SELECT
  l.release_id,
  strftime(l.built_at_shanghai, '%Y-%m-%d %H:%M') AS built_at,
  l.n_reports,
  l.first_year,
  l.last_year,
  l.gongkai_version,
  (SELECT count(*) FROM main.agencies) AS n_agencies,
  (SELECT count(*) FROM main.reports WHERE status = 'quarantined') AS n_quarantined,
  (SELECT count(*) FROM mart.publisher_error_counts WHERE errors > 0) AS n_with_errors,
  (SELECT count(*) FROM main.coverage WHERE NOT found AND outcome <> 'not_due') AS n_missing
FROM mart.latest_release AS l
