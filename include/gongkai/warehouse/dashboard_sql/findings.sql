-- Findings by year, family, outcome and whom they are attributed to; attribution is empty where nothing failed.
SELECT
  report_year,
  family,
  outcome,
  coalesce(attribution, '') AS attribution,
  count(*) AS findings,
  count(DISTINCT report_id) AS reports
FROM main.findings
GROUP BY ALL
ORDER BY ALL
