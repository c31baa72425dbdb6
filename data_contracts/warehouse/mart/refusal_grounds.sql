-- zh: 不予公开的理由：各理由件数占不予公开合计的比例，按年度、层级、机关类别。分母为八项理由之和（不取文中所述）。
-- en: Grounds of refusal: the share of each ground in all refusals, by year, level and kind of agency. The denominator is the sum of the eight grounds of 不予公开 in the same reports.
-- column report_year: 报告年度 | Report year
-- column level: 层级 | Level of the agencies summed
-- column kind: 机关类别 | Kind of the agencies summed
-- column row_code: 行编码 | The ground: refused.state_secret, refused.third_party, ...
-- column row_label_zh: 理由 | Its label in the form
-- column n_reports: 报告数 | Reports that print a number for it
-- column refused: 不予公开（件） | Numerator: refused on this ground
-- column refused_all: 不予公开合计（件） | Denominator: refused on any ground
-- column share: 占比 | refused / refused_all, from 0 to 1
SELECT
  report_year,
  level,
  kind,
  row_code,
  row_label_zh,
  n_reports,
  cases AS refused,
  (sum(cases) OVER same)::BIGINT AS refused_all,
  CASE WHEN sum(cases) OVER same > 0 THEN round(cases::DOUBLE / sum(cases) OVER same, 4) END AS share
FROM mart.disposal_by_year
WHERE outcome_group = 'refused'
WINDOW same AS (PARTITION BY report_year, level, kind)
