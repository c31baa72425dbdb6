-- zh: 每个机关历年申请的收办数，跨越改名：现用名称与当年所用名称并列（不含待复核的报告）。用任一名称查找：agency_id IN (SELECT agency_id FROM agency_names WHERE name = '…')。
-- en: Each agency's applications over the years, across its renamings: the name in force beside that of the year; quarantined reports are left out. Look it up by any of its names: agency_id IN (SELECT agency_id FROM agency_names WHERE name = '...').
-- column agency_id: 机构编号 | The agency
-- column current_name: 现用名称 | Its name in force, that of its newest report
-- column report_year: 报告年度 | Report year
-- column agency_name: 当年名称 | Name that the report of the year bears
-- column name_before: 此前名称 | Name of the report before, where this one bears another; NULL where it bears the same, and for the first
-- column years_since: 距上一份报告的年数 | Years since the report before; more than 1 where some are missing, NULL for the first
-- column report_id: 报告编号 | The report
-- column received: 本年新收（件） | Received in the year
-- column carried_in: 上年结转（件） | Carried in from the year before
-- column resolved: 办理结果总计（件） | All resolved, as printed
-- column carried_out: 结转下年度（件） | Carried out to the next year
SELECT
  a.agency_id,
  n.name AS current_name,
  a.report_year,
  a.agency_name,
  nullif(lag(a.agency_name) OVER years, a.agency_name) AS name_before,
  a.report_year - lag(a.report_year) OVER years AS years_since,
  a.report_id,
  a.received,
  a.carried_in,
  a.resolved,
  a.carried_out
FROM mart.applications_by_year AS a
JOIN main.agency_names AS n ON n.agency_id = a.agency_id AND n.is_current
WINDOW years AS (PARTITION BY a.agency_id ORDER BY a.report_year)
