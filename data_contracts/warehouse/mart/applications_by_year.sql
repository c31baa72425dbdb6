-- zh: 各机关每年收到和处理的申请数（取总计列；不含待复核的报告）。一级政府的报告已覆盖其部门，二者不得相加：按 kind 选择。
-- en: Applications received and handled, one row per agency and year, from the printed column total; quarantined reports are left out. A government's report already covers its departments: choose one kind, never add them.
-- stored
-- column report_year: 报告年度 | Report year
-- column region_code: 行政区划代码 | Code of the region
-- column region_name: 行政区划名称 | Name of the region
-- column kind: 机关类别 | government (covers its whole area), department, office, zone or institution
-- column agency_id: 机构编号 | The agency
-- column agency_name: 机构名称 | Name of the agency
-- column report_id: 报告编号 | The report
-- column template: 报告格式 | Template of the report
-- column received: 本年新收（件） | Received in the year
-- column carried_in: 上年结转（件） | Carried in from the year before
-- column granted: 予以公开（件） | Granted
-- column partial: 部分公开（件） | Granted in part
-- column refused: 不予公开（件） | Refused, all grounds added
-- column unavailable: 无法提供（件） | Could not be provided, all grounds added
-- column declined: 不予处理（件） | Not handled, all grounds added
-- column other: 其他处理（件） | Handled otherwise, all ways added
-- column resolved: 办理结果总计（件） | All resolved, as printed
-- column carried_out: 结转下年度（件） | Carried out to the next year
-- column n_without_number: 无数字的行数 | Rows of the form whose total states no number; the sums above leave them out
SELECT
  r.report_year,
  g.region_code,
  g.region_name,
  g.kind,
  r.agency_id,
  r.agency_name,
  r.report_id,
  r.template,
  sum(a.total) FILTER (WHERE a.row_code = 'received')::BIGINT AS received,
  sum(a.total) FILTER (WHERE a.row_code = 'carried_in')::BIGINT AS carried_in,
  sum(a.total) FILTER (WHERE a.row_code = 'granted')::BIGINT AS granted,
  sum(a.total) FILTER (WHERE a.row_code = 'partial')::BIGINT AS partial,
  sum(a.total) FILTER (WHERE starts_with(a.row_code, 'refused.'))::BIGINT AS refused,
  sum(a.total) FILTER (WHERE starts_with(a.row_code, 'unavailable.'))::BIGINT AS unavailable,
  sum(a.total) FILTER (WHERE starts_with(a.row_code, 'declined.'))::BIGINT AS declined,
  sum(a.total) FILTER (WHERE a.row_code = 'other' OR starts_with(a.row_code, 'other.'))::BIGINT AS other,
  sum(a.total) FILTER (WHERE a.row_code = 'resolved_total')::BIGINT AS resolved,
  sum(a.total) FILTER (WHERE a.row_code = 'carried_out')::BIGINT AS carried_out,
  count(*) FILTER (WHERE a.total IS NULL) AS n_without_number
FROM main.reports AS r
JOIN main.applications AS a ON a.revision_id = r.revision_id
JOIN main.agencies AS g ON g.agency_id = r.agency_id
WHERE r.status <> 'quarantined'
GROUP BY r.report_year, g.region_code, g.region_name, g.kind, r.agency_id, r.agency_name, r.report_id, r.template
ORDER BY r.report_year, r.agency_id
