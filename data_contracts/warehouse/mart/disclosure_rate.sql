-- zh: 公开率：予以公开与部分公开占办理结果总计的比例。有空白时 rate 为 NULL，另给出将空白视为 0 的比例。
-- en: Share of the resolved applications that were granted, in whole or in part. rate is NULL where a figure is blank; rate_if_blank_is_zero reads blanks as 0 and says so in its name.
-- column report_year: 报告年度 | Report year
-- column region_name: 行政区划名称 | Name of the region
-- column kind: 机关类别 | government (covers its whole area), department, office, zone or institution
-- column agency_id: 机构编号 | The agency
-- column agency_name: 机构名称 | Name of the agency
-- column granted: 予以公开（件） | Granted
-- column partial: 部分公开（件） | Granted in part
-- column resolved: 办理结果总计（件） | All resolved, as printed
-- column rate: 公开率 | (granted + partial) / resolved, from 0 to 1; NULL where a figure is missing or nothing was resolved
-- column rate_if_blank_is_zero: 公开率（空白视为 0） | The same with missing parts read as 0
SELECT
  report_year,
  region_name,
  kind,
  agency_id,
  agency_name,
  granted,
  partial,
  resolved,
  CASE WHEN resolved > 0 THEN round((granted + partial)::DOUBLE / resolved, 4) END AS rate,
  CASE WHEN resolved > 0 THEN round((coalesce(granted, 0) + coalesce(partial, 0))::DOUBLE / resolved, 4) END
    AS rate_if_blank_is_zero
FROM mart.applications_by_year
