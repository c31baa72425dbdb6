-- Reports that were due and not found, and why, the newest first.
SELECT report_year, agency_name, outcome, reason
FROM main.coverage
WHERE NOT found AND outcome <> 'not_due'
ORDER BY report_year DESC, agency_id
LIMIT 200
