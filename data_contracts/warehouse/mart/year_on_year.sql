-- zh: 各机关与上一年度相比的变化（申请数、办理结果、结转）；只列两年都有报告的机关。两年格式不同时 same_template 为 false。
-- en: Change of the figures of each agency against the year before, where both years have a report. same_template is false where the two years print different forms.
-- column report_year: 报告年度 | Report year
-- column kind: 机关类别 | Kind of agency
-- column agency_id: 机构编号 | The agency
-- column agency_name: 机构名称 | Name of the agency
-- column same_template: 格式相同 | True where both years print the same form
-- column received: 本年新收（件） | Received in the year
-- column received_before: 上年新收（件） | Received in the year before
-- column received_change: 新收变化（件） | received - received_before
-- column received_growth: 新收增长率 | received_change / received_before; NULL where that was 0
-- column resolved: 办理结果总计（件） | Resolved in the year
-- column resolved_before: 上年办理结果总计（件） | Resolved in the year before
-- column resolved_change: 办理变化（件） | resolved - resolved_before
-- column carried_out_change: 结转变化（件） | Change of what is carried out
SELECT
  y.report_year,
  y.kind,
  y.agency_id,
  y.agency_name,
  y.template = b.template AS same_template,
  y.received,
  b.received AS received_before,
  y.received - b.received AS received_change,
  CASE WHEN b.received > 0 THEN round((y.received - b.received)::DOUBLE / b.received, 4) END AS received_growth,
  y.resolved,
  b.resolved AS resolved_before,
  y.resolved - b.resolved AS resolved_change,
  y.carried_out - b.carried_out AS carried_out_change
FROM mart.applications_by_year AS y
JOIN mart.applications_by_year AS b ON b.agency_id = y.agency_id AND b.report_year = y.report_year - 1
