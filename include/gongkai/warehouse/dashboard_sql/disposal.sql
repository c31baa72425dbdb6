-- Shares of the ways of disposal, over the reports that print a number in every row: one numerator, one denominator.
SELECT
  y.report_year,
  coalesce(g.level, 'unknown') AS level,
  y.kind,
  count(*) AS n_all,
  count(*) FILTER (WHERE whole) AS n_reports,
  sum(y.resolved) FILTER (WHERE whole)::BIGINT AS resolved,
  sum(y.granted) FILTER (WHERE whole)::BIGINT AS granted,
  sum(y.partial) FILTER (WHERE whole)::BIGINT AS partial,
  sum(y.refused) FILTER (WHERE whole)::BIGINT AS refused,
  sum(y.unavailable) FILTER (WHERE whole)::BIGINT AS unavailable,
  sum(y.declined) FILTER (WHERE whole)::BIGINT AS declined,
  sum(y.other) FILTER (WHERE whole)::BIGINT AS other
FROM (
  SELECT
    *,
    n_without_number = 0
    -- NULL where the report prints no such row at all
    AND granted + partial + refused + unavailable + declined + other + resolved IS NOT NULL AS whole
  FROM mart.applications_by_year
) AS y
JOIN main.agencies AS g ON g.agency_id = y.agency_id
GROUP BY ALL
ORDER BY y.report_year, level, y.kind
