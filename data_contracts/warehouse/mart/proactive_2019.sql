-- zh: 主动公开政府信息情况，2019 格式（不含待复核的报告）。与 2021 格式的列含义不同，不得合并。
-- en: Proactive disclosure as the template 2019 asks for it; quarantined reports are left out. Its columns are not those of the template 2021: never join the two into one series.
-- column report_year: 报告年度 | Report year
-- column agency_id: 机构编号 | The agency
-- column agency_name: 机构名称 | Name of the agency
-- column report_id: 报告编号 | The report
-- column row_code: 行代码 | Row of table 二
-- column row_label_zh: 行名称 | Label of the row
-- column made: 本年新制作数量（件） | Documents newly made in the year
-- column published: 本年新公开数量（件） | Documents newly published in the year
-- column total_public: 对外公开总数量（件） | Documents public in all
-- column prior_items: 上一年项目数量（项） | Items of the year before
-- column change: 本年增/减（项） | Change of the number of items in the year
-- column decisions: 处理决定数量（件） | Decisions made in the year
-- column items: 采购项目数量（项） | Procurement projects
-- column amount_cny: 采购总金额（元） | Sum of procurement, in yuan
SELECT
  p.report_year,
  p.agency_id,
  r.agency_name,
  p.report_id,
  p.row_code,
  p.row_label_zh,
  p.made,
  p.published,
  p.total_public,
  p.prior_items,
  p.change,
  p.decisions,
  p.items,
  p.amount_cny
FROM main.proactive_disclosure AS p
JOIN main.reports AS r ON r.revision_id = p.revision_id
WHERE p.template = '2019' AND r.status <> 'quarantined'
