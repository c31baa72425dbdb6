-- zh: 主动公开各项数字按年度、格式、层级、机关类别汇总，一项数字一行。measure 属于某一格式：2019 与 2021 的数字含义不同，不得相接。
-- en: Figures of proactive disclosure by year, template, level and kind of agency, one row per measure. A measure belongs to one template: those of 2019 and 2021 mean different things and are never joined. Summed within one level and one kind only.
-- stored
-- column report_year: 报告年度 | Report year
-- column template: 报告格式 | Template the measure belongs to
-- column level: 层级 | Level of the agencies summed
-- column kind: 机关类别 | Kind of the agencies summed
-- column row_code: 行编码 | regulations, normative_documents, licensing, penalties, ...
-- column measure: 指标 | issued, repealed, in_force, decisions (2021); made, published, total_public, prior_items, change, items (2019); amount_10k_cny (both)
-- column is_stock: 存量 | True for what stands at the end of the year (in_force, total_public, prior_items), false for flows of the year
-- column n_reports: 报告数 | Reports that print the number
-- column amount: 数量 | Sum over those reports; amount_10k_cny in 10,000 yuan
SELECT
  u.report_year,
  u.template,
  g.level,
  g.kind,
  u.row_code,
  u.measure,
  u.measure IN ('in_force', 'total_public', 'prior_items') AS is_stock,
  count(*) AS n_reports,
  sum(u.amount) AS amount
FROM (
  UNPIVOT (
    SELECT
      p.report_year,
      p.template,
      p.agency_id,
      p.row_code,
      p.issued::DECIMAL(38, 4) AS issued,
      p.repealed::DECIMAL(38, 4) AS repealed,
      p.in_force::DECIMAL(38, 4) AS in_force,
      p.decisions::DECIMAL(38, 4) AS decisions,
      p.made::DECIMAL(38, 4) AS made,
      p.published::DECIMAL(38, 4) AS published,
      p.total_public::DECIMAL(38, 4) AS total_public,
      p.prior_items::DECIMAL(38, 4) AS prior_items,
      p.change::DECIMAL(38, 4) AS change,
      p.items::DECIMAL(38, 4) AS items,
      p.amount_10k_cny::DECIMAL(38, 4) AS amount_10k_cny
    FROM main.proactive_disclosure AS p
    JOIN main.reports AS r ON r.revision_id = p.revision_id
    WHERE r.status <> 'quarantined'
  )
  ON issued, repealed, in_force, decisions, made, published, total_public, prior_items, change, items, amount_10k_cny
  INTO NAME measure VALUE amount
) AS u
JOIN main.agencies AS g ON g.agency_id = u.agency_id
GROUP BY u.report_year, u.template, g.level, g.kind, u.row_code, u.measure
ORDER BY u.report_year, u.template, g.level, g.kind, u.row_code, u.measure
