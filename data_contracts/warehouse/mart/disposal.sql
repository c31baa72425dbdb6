-- zh: 各机关每年每一种办理结果的件数及其占办理结果总计的比例（取总计列；不含待复核的报告）。分子为 cases，分母为 resolved，均按原样。
-- en: How the applications of an agency and year were disposed of, one row per outcome of the form, with its share of all resolved. Numerator cases, denominator resolved, both as printed in column total; quarantined reports are left out.
-- column report_year: 报告年度 | Report year
-- column template: 报告格式 | Template; 2019 prints 其他处理 as one row, 2021 as three
-- column region_code: 行政区划代码 | Code of the region
-- column level: 层级 | Level of the agency
-- column kind: 机关类别 | government (covers its whole area), department, office, zone or institution
-- column agency_id: 机构编号 | The agency
-- column agency_name: 机构名称 | Name of the agency
-- column report_id: 报告编号 | The report
-- column outcome_group: 办理结果大类 | granted, partial, refused, unavailable, declined or other
-- column row_code: 行编码 | The outcome: granted, refused.state_secret, unavailable.not_held, ...
-- column row_label_zh: 行名称 | Its label in the form
-- column cases: 件数 | Numerator: applications with this outcome; NULL where no number is printed
-- column resolved: 办理结果总计（件） | Denominator: all resolved, as printed
-- column share: 占比 | cases / resolved, from 0 to 1; NULL where either is missing or nothing was resolved
SELECT
  a.report_year,
  a.template,
  y.region_code,
  g.level,
  y.kind,
  a.agency_id,
  y.agency_name,
  a.report_id,
  split_part(a.row_code, '.', 1) AS outcome_group,
  a.row_code,
  a.row_label_zh,
  a.total AS cases,
  y.resolved,
  CASE WHEN y.resolved > 0 THEN round(a.total::DOUBLE / y.resolved, 4) END AS share
FROM main.applications AS a
JOIN mart.applications_by_year AS y ON y.agency_id = a.agency_id AND y.report_year = a.report_year
JOIN main.agencies AS g ON g.agency_id = a.agency_id
WHERE a.row_code NOT IN ('received', 'carried_in', 'resolved_total', 'carried_out')
