-- Reports expected, found, missing and late by year, as mart defines them.
SELECT
  report_year, expected, found, missing, not_due, accepted, accepted_with_errors, quarantined, late, changed, share_found
FROM mart.coverage_by_year
ORDER BY report_year
