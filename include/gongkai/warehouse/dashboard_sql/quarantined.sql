-- Reports whose reading is in doubt, the newest first.
SELECT
  r.report_year,
  r.agency_name,
  r.report_id,
  coalesce(w.zh, r.status_reason) AS reason_zh,
  coalesce(w.en, r.status_reason) AS reason_en
FROM main.reports AS r
LEFT JOIN (
  SELECT revision_id, string_agg(reason_zh, '；' ORDER BY code, detail) AS zh, string_agg(reason_en, '; ' ORDER BY code, detail) AS en
  FROM main.status_reasons
  WHERE code <> 'clean'
  GROUP BY revision_id
) AS w ON w.revision_id = r.revision_id
WHERE r.status = 'quarantined'
ORDER BY r.report_year DESC, r.report_id
LIMIT 200
