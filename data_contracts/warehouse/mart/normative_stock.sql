-- zh: 规章、行政规范性文件的存量与流量（2021 格式）：现行有效件数与上年存量加制发减废止之差为 stock_gap。2019 格式另列于 proactive_2019，含义不同，不接续。
-- en: Regulations and normative documents as stock and flow (template 2021): stock_gap compares what is in force with last year's stock plus issued minus repealed. The template 2019 counts other things (mart.proactive_2019); no series runs across the change.
-- column report_year: 报告年度 | Report year
-- column kind: 机关类别 | Kind of agency
-- column agency_id: 机构编号 | The agency
-- column agency_name: 机构名称 | Name of the agency
-- column row_code: 行编码 | regulations or normative_documents
-- column row_label_zh: 行名称 | Its label in the form
-- column in_force_before: 上年现行有效（件） | Stock at the end of the year before, from that year's report of the same template
-- column issued: 本年制发（件） | Flow in
-- column repealed: 本年废止（件） | Flow out
-- column in_force: 现行有效（件） | Stock at the end of the year, as printed
-- column stock_gap: 存量差（件） | in_force - (in_force_before + issued - repealed); NULL where one of them is missing
SELECT
  p.report_year,
  g.kind,
  p.agency_id,
  p.agency_name,
  p.row_code,
  p.row_label_zh,
  b.in_force AS in_force_before,
  p.issued,
  p.repealed,
  p.in_force,
  p.in_force - (b.in_force + p.issued - p.repealed) AS stock_gap
FROM mart.proactive_2021 AS p
JOIN main.agencies AS g ON g.agency_id = p.agency_id
LEFT JOIN mart.proactive_2021 AS b
  ON b.agency_id = p.agency_id AND b.report_year = p.report_year - 1 AND b.row_code = p.row_code
WHERE p.row_code IN ('regulations', 'normative_documents')
