-- zh: 主动公开政府信息情况，2021 格式（不含待复核的报告）。与 2019 格式的列含义不同，不得合并。
-- en: Proactive disclosure as the template 2021 asks for it; quarantined reports are left out. Its columns are not those of the template 2019: never join the two into one series.
-- column report_year: 报告年度 | Report year
-- column agency_id: 机构编号 | The agency
-- column agency_name: 机构名称 | Name of the agency
-- column report_id: 报告编号 | The report
-- column row_code: 行代码 | Row of table 二
-- column row_label_zh: 行名称 | Label of the row
-- column issued: 本年制发件数（件） | Documents issued in the year
-- column repealed: 本年废止件数（件） | Documents repealed in the year
-- column in_force: 现行有效件数（件） | Documents in force at the end of the year
-- column decisions: 本年处理决定数量（件） | Decisions made in the year
-- column amount_10k_cny: 本年收费金额（万元） | Fees charged in the year, in 10,000 yuan
SELECT
  p.report_year,
  p.agency_id,
  r.agency_name,
  p.report_id,
  p.row_code,
  p.row_label_zh,
  p.issued,
  p.repealed,
  p.in_force,
  p.decisions,
  p.amount_10k_cny
FROM main.proactive_disclosure AS p
JOIN main.reports AS r ON r.revision_id = p.revision_id
WHERE p.template = '2021' AND r.status <> 'quarantined'
