-- Findings by year, family, outcome (as corrected where a reviewer did) and whom they are attributed to; attribution is empty where nothing failed.
SELECT
  report_year,
  family,
  coalesce(outcome_corrected, outcome) AS outcome,
  coalesce(attribution, '') AS attribution,
  count(*) AS findings,
  count(DISTINCT report_id) AS reports
FROM main.findings
WHERE coalesce(outcome_corrected, outcome) <> 'pass'
GROUP BY ALL
ORDER BY ALL
