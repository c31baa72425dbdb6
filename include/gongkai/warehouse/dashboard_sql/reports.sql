-- The reports that get a page: the newest years first, within a year those with the most failed rules.
SELECT
  r.report_id,
  r.report_year,
  r.agency_name,
  g.kind,
  coalesce(g.level, 'unknown') AS level,
  r.template,
  r.title,
  r.status,
  coalesce(w.zh, r.status_reason) AS reason_zh,
  coalesce(w.en, r.status_reason) AS reason_en,
  r.published_on::VARCHAR AS published_on,
  r.due_on::VARCHAR AS due_on,
  r.days_late,
  r.n_revisions,
  r.format,
  r.url,
  r.document_sha256,
  r.revision_id
FROM main.reports AS r
JOIN main.agencies AS g ON g.agency_id = r.agency_id
LEFT JOIN (
  SELECT revision_id, string_agg(reason_zh, '；' ORDER BY code, detail) AS zh, string_agg(reason_en, '; ' ORDER BY code, detail) AS en
  FROM main.status_reasons
  WHERE code <> 'clean'
  GROUP BY revision_id
) AS w ON w.revision_id = r.revision_id
ORDER BY r.report_year DESC, r.n_failed_rules DESC, r.report_id
LIMIT ?
