-- Disclosure rate (granted + partial) / resolved, over the reports whose rate is known, and the median of theirs.
SELECT
  d.report_year,
  coalesce(g.level, 'unknown') AS level,
  d.kind,
  count(*) AS n_all,
  count(d.rate) AS n_reports,
  sum(d.granted + d.partial) FILTER (WHERE d.rate IS NOT NULL)::BIGINT AS disclosed,
  sum(d.resolved) FILTER (WHERE d.rate IS NOT NULL)::BIGINT AS resolved,
  round(
    sum(d.granted + d.partial) FILTER (WHERE d.rate IS NOT NULL)::DOUBLE
    / nullif(sum(d.resolved) FILTER (WHERE d.rate IS NOT NULL), 0), 4
  ) AS rate,
  round(median(d.rate), 4) AS median
FROM mart.disclosure_rate AS d
JOIN main.agencies AS g ON g.agency_id = d.agency_id
GROUP BY ALL
ORDER BY d.report_year, level, d.kind
