-- zh: 按年度、层级、机关类别汇总的办理结果构成。只在同一层级、同一类别内相加；分子分母只取两者都有数字的报告，n_reports 为其份数。
-- en: How applications were disposed of by year, level and kind of agency. Summed within one level and one kind only; numerator and denominator are taken from the same reports, those that print both (n_reports). Divide sums of cases by sums of resolved, never average the shares.
-- stored
-- column report_year: 报告年度 | Report year
-- column level: 层级 | Level of the agencies summed
-- column kind: 机关类别 | Kind of the agencies summed
-- column outcome_group: 办理结果大类 | granted, partial, refused, unavailable, declined or other
-- column row_code: 行编码 | The outcome
-- column row_label_zh: 行名称 | Its label in the form
-- column n_reports: 报告数 | Reports that print both numbers
-- column cases: 件数 | Numerator: applications with this outcome
-- column resolved: 办理结果总计（件） | Denominator: all resolved in the same reports
-- column share: 占比 | cases / resolved, from 0 to 1
SELECT
  report_year,
  level,
  kind,
  outcome_group,
  row_code,
  arg_max(row_label_zh, template) AS row_label_zh,
  count(*) AS n_reports,
  sum(cases)::BIGINT AS cases,
  sum(resolved)::BIGINT AS resolved,
  CASE WHEN sum(resolved) > 0 THEN round(sum(cases)::DOUBLE / sum(resolved), 4) END AS share
FROM mart.disposal
WHERE cases IS NOT NULL AND resolved IS NOT NULL
GROUP BY report_year, level, kind, outcome_group, row_code
ORDER BY report_year, level, kind, row_code
