-- zh: 各行政区划每年的申请数，只取该区划一级政府自己的报告（其已覆盖部门），不将上下级相加。同一区划有多份政府报告时数值为 NULL。
-- en: Applications by region and year, taken from the report of the region's own government alone (it covers the departments); regions within regions are rows of their own, never add them. NULL where more than one government reports for a region.
-- stored
-- column report_year: 报告年度 | Report year
-- column region_code: 行政区划代码 | Code of the region
-- column region_name: 行政区划名称 | Name of the region
-- column level: 级别 | Level of the region
-- column n_governments: 政府报告数 | Government reports for the region and year; figures stand only where it is 1
-- column received: 本年新收（件） | Received in the year
-- column carried_in: 上年结转（件） | Carried in from the year before
-- column granted: 予以公开（件） | Granted
-- column partial: 部分公开（件） | Granted in part
-- column resolved: 办理结果总计（件） | All resolved, as printed
-- column carried_out: 结转下年度（件） | Carried out to the next year
SELECT
  y.report_year,
  y.region_code,
  y.region_name,
  z.level,
  count(*) AS n_governments,
  CASE WHEN count(*) = 1 THEN max(y.received) END AS received,
  CASE WHEN count(*) = 1 THEN max(y.carried_in) END AS carried_in,
  CASE WHEN count(*) = 1 THEN max(y.granted) END AS granted,
  CASE WHEN count(*) = 1 THEN max(y.partial) END AS partial,
  CASE WHEN count(*) = 1 THEN max(y.resolved) END AS resolved,
  CASE WHEN count(*) = 1 THEN max(y.carried_out) END AS carried_out
FROM mart.applications_by_year AS y
JOIN main.regions AS z ON z.region_code = y.region_code
WHERE y.kind = 'government'
GROUP BY y.report_year, y.region_code, y.region_name, z.level
ORDER BY y.report_year, y.region_code
