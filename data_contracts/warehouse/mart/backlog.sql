-- zh: 各机关每年的待办量与结转：待办量=新收+上年结转，结转率=结转下年/待办量；carry_over_gap 为本年“上年结转”与上年“结转下年”之差。
-- en: Workload and backlog of each agency and year: workload = received + carried in, backlog_share = carried out / workload; carry_over_gap compares what came in from last year with what last year's report carried out (0 is right, NULL where last year's report is missing or quarantined).
-- column report_year: 报告年度 | Report year
-- column region_code: 行政区划代码 | Code of the region
-- column kind: 机关类别 | Kind of agency
-- column agency_id: 机构编号 | The agency
-- column agency_name: 机构名称 | Name of the agency
-- column received: 本年新收（件） | Received in the year
-- column carried_in: 上年结转（件） | Carried in from the year before
-- column workload: 待办量（件） | Denominator: received + carried_in
-- column resolved: 办理结果总计（件） | Resolved in the year, as printed
-- column carried_out: 结转下年（件） | Numerator: carried into the next year, as printed
-- column backlog_share: 结转率 | carried_out / workload, from 0 to 1
-- column carried_out_before: 上年报告的结转下年（件） | Carried out as last year's report prints it
-- column carry_over_gap: 结转差（件） | carried_in - carried_out_before
SELECT
  y.report_year,
  y.region_code,
  y.kind,
  y.agency_id,
  y.agency_name,
  y.received,
  y.carried_in,
  y.received + y.carried_in AS workload,
  y.resolved,
  y.carried_out,
  CASE WHEN y.received + y.carried_in > 0
    THEN round(y.carried_out::DOUBLE / (y.received + y.carried_in), 4)
  END AS backlog_share,
  b.carried_out AS carried_out_before,
  y.carried_in - b.carried_out AS carry_over_gap
FROM mart.applications_by_year AS y
LEFT JOIN mart.applications_by_year AS b ON b.agency_id = y.agency_id AND b.report_year = y.report_year - 1
