-- zh: 各行政区划每年的申请数，不重复计算：有政府汇总报告的取该报告（basis=government），没有的取其各部门之和（basis=departments，不完整）。
-- en: Applications of each region and year, counting nothing twice: the report of the region's own government where there is one (basis government, it covers its departments), else the sum of its departments' reports (basis departments: a lower bound, for those found). Regions contain regions: add rows of one level only.
-- stored
-- column report_year: 报告年度 | Report year
-- column region_code: 行政区划代码 | Code of the region
-- column region_name: 行政区划名称 | Name of the region
-- column level: 层级 | Level of the region
-- column parent: 上级区划代码 | Code of the region above
-- column basis: 口径 | government or departments
-- column n_reports: 报告数 | Reports that the numbers come from
-- column received: 本年新收（件） | Received
-- column resolved: 办理结果总计（件） | Resolved
-- column granted: 予以公开（件） | Granted
-- column partial: 部分公开（件） | Granted in part
-- column carried_out: 结转下年（件） | Carried out
SELECT
  y.report_year,
  y.region_code,
  y.region_name,
  z.level,
  z.parent,
  CASE WHEN y.kind = 'government' THEN 'government' ELSE 'departments' END AS basis,
  count(*) AS n_reports,
  sum(y.received)::BIGINT AS received,
  sum(y.resolved)::BIGINT AS resolved,
  sum(y.granted)::BIGINT AS granted,
  sum(y.partial)::BIGINT AS partial,
  sum(y.carried_out)::BIGINT AS carried_out
FROM mart.applications_by_year AS y
JOIN main.regions AS z ON z.region_code = y.region_code
LEFT JOIN mart.applications_by_region AS own
  ON own.region_code = y.region_code AND own.report_year = y.report_year
WHERE (y.kind = 'government' AND own.n_governments = 1) OR own.n_governments IS NULL
GROUP BY y.report_year, y.region_code, y.region_name, z.level, z.parent, basis
ORDER BY y.report_year, y.region_code
