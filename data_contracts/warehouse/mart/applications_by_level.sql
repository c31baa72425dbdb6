-- zh: 按年度、层级、机关类别汇总的申请数。只在同一层级、同一类别内相加：上级政府的报告可能已含下级，各行之间不得再相加。
-- en: Applications by year, level and kind of agency. Summed within one level and one kind only: a government's report may cover the departments and regions below it, so never add the rows of this view. Each sum is over the reports that print a number (n_received, n_resolved).
-- stored
-- column report_year: 报告年度 | Report year
-- column level: 层级 | Level of the agencies summed
-- column kind: 机关类别 | Kind of the agencies summed
-- column n_reports: 报告数 | Reports, quarantined ones left out
-- column n_received: 有新收数的报告数 | Reports that print a number received
-- column received: 本年新收（件） | Received
-- column carried_in: 上年结转（件） | Carried in
-- column n_resolved: 有办理总计的报告数 | Reports that print a number resolved
-- column resolved: 办理结果总计（件） | Resolved, as printed
-- column granted: 予以公开（件） | Granted
-- column partial: 部分公开（件） | Granted in part
-- column refused: 不予公开（件） | Refused
-- column unavailable: 无法提供（件） | Could not be provided
-- column declined: 不予处理（件） | Not processed
-- column other: 其他处理（件） | Otherwise disposed of
-- column carried_out: 结转下年（件） | Carried out
SELECT
  y.report_year,
  g.level,
  y.kind,
  count(*) AS n_reports,
  count(y.received) AS n_received,
  sum(y.received)::BIGINT AS received,
  sum(y.carried_in)::BIGINT AS carried_in,
  count(y.resolved) AS n_resolved,
  sum(y.resolved)::BIGINT AS resolved,
  sum(y.granted)::BIGINT AS granted,
  sum(y.partial)::BIGINT AS partial,
  sum(y.refused)::BIGINT AS refused,
  sum(y.unavailable)::BIGINT AS unavailable,
  sum(y.declined)::BIGINT AS declined,
  sum(y.other)::BIGINT AS other,
  sum(y.carried_out)::BIGINT AS carried_out
FROM mart.applications_by_year AS y
JOIN main.agencies AS g ON g.agency_id = y.agency_id
GROUP BY y.report_year, g.level, y.kind
ORDER BY y.report_year, g.level, y.kind
