-- zh: 各机关每年“本机关不掌握相关政府信息”占办理结果总计的比例，以及“无法提供”合计的比例。
-- en: Share of the resolved applications that were answered "not held by this organ", and of all that could not be provided (无法提供), by agency and year.
-- column report_year: 报告年度 | Report year
-- column kind: 机关类别 | Kind of agency
-- column agency_id: 机构编号 | The agency
-- column agency_name: 机构名称 | Name of the agency
-- column not_held: 不掌握（件） | Numerator of not_held_share: row 1 of 无法提供
-- column unavailable: 无法提供合计（件） | Numerator of unavailable_share: the rows of 无法提供; NULL where one of them is no number
-- column resolved: 办理结果总计（件） | Denominator of both
-- column not_held_share: 不掌握占比 | not_held / resolved, from 0 to 1
-- column unavailable_share: 无法提供占比 | unavailable / resolved, from 0 to 1
SELECT
  report_year,
  kind,
  agency_id,
  agency_name,
  max(cases) FILTER (WHERE row_code = 'unavailable.not_held') AS not_held,
  CASE WHEN count(*) = count(cases) THEN sum(cases)::BIGINT END AS unavailable,
  max(resolved) AS resolved,
  CASE WHEN max(resolved) > 0
    THEN round(max(cases) FILTER (WHERE row_code = 'unavailable.not_held')::DOUBLE / max(resolved), 4)
  END AS not_held_share,
  CASE WHEN count(*) = count(cases) AND max(resolved) > 0
    THEN round(sum(cases)::DOUBLE / max(resolved), 4)
  END AS unavailable_share
FROM mart.disposal
WHERE outcome_group = 'unavailable'
GROUP BY report_year, kind, agency_id, agency_name
