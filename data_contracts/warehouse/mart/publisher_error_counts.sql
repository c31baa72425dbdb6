-- zh: 各机关每年有多少条勾稽关系不符（提取无误，属发布机关的错误），以及报告总数。
-- en: How many rules each agency's report breaks on figures that were read beyond doubt, by year; agencies without such errors are rows with 0.
-- stored
-- column report_year: 报告年度 | Report year
-- column level: 层级 | Level of the agency
-- column kind: 机关类别 | Kind of agency
-- column agency_id: 机构编号 | The agency
-- column agency_name: 机构名称 | Name of the agency
-- column report_id: 报告编号 | The report
-- column errors: 错误数 | Rules of severity error that fail
-- column warnings: 提示数 | Rules of severity warning that fail
-- column largest_gap: 最大差额 | Largest difference between a printed and an expected number
SELECT
  r.report_year,
  g.level,
  g.kind,
  r.agency_id,
  r.agency_name,
  r.report_id,
  count(e.rule_id) FILTER (WHERE e.severity = 'error') AS errors,
  count(e.rule_id) FILTER (WHERE e.severity = 'warning') AS warnings,
  max(abs(e.printed - e.expected)) AS largest_gap
FROM main.reports AS r
JOIN main.agencies AS g ON g.agency_id = r.agency_id
LEFT JOIN mart.publisher_errors AS e ON e.report_id = r.report_id
WHERE r.status <> 'quarantined'
GROUP BY r.report_year, g.level, g.kind, r.agency_id, r.agency_name, r.report_id
ORDER BY r.report_year, r.agency_id
