-- Publishers whose sums are wrong as printed, the most first.
SELECT
  agency_id,
  agency_name,
  count(*) AS reports,
  count(*) FILTER (WHERE errors > 0) AS reports_with_errors,
  sum(errors)::BIGINT AS errors,
  max_by(report_id, report_year) FILTER (WHERE errors > 0) AS report_id
FROM mart.publisher_error_counts
GROUP BY agency_id, agency_name
HAVING sum(errors) > 0
ORDER BY errors DESC, agency_id
LIMIT 50
