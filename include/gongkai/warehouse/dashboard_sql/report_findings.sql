-- The findings of some reports of a year, what failed first.
SELECT
  report_id, rule_id, coalesce(outcome_corrected, outcome) AS outcome, severity, attribution, printed, expected, left(message_zh, 500) AS zh,
  left(message_en, 500) AS en
FROM main.findings
WHERE report_year = ? AND report_id IN (SELECT unnest(?))
ORDER BY report_id, coalesce(outcome_corrected, outcome) <> 'fail', severity, rule_id
