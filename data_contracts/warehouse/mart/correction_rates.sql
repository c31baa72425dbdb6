-- zh: 行政复议、行政诉讼的纠正率：结果纠正占已审结（维持+纠正+其他）的比例，并给出每千件办理结果的案件数。
-- en: How often organs were corrected in review and in court: corrected / decided, where decided = upheld + corrected + other; and cases per 1,000 applications resolved. Quarantined reports are left out.
-- column report_year: 报告年度 | Report year
-- column kind: 机关类别 | Kind of agency
-- column agency_id: 机构编号 | The agency
-- column agency_name: 机构名称 | Name of the agency
-- column report_id: 报告编号 | The report
-- column procedure: 程序 | review, litigation_direct or litigation_after_review
-- column corrected: 结果纠正（件） | Numerator: corrected
-- column decided: 已审结（件） | Denominator: upheld + corrected + other; NULL where one of them is no number
-- column pending: 尚未审结（件） | Not decided yet
-- column cases: 总计（件） | All cases, as printed
-- column correction_rate: 纠正率 | corrected / decided, from 0 to 1; NULL where nothing was decided
-- column resolved: 办理结果总计（件） | Applications resolved in the year, as printed
-- column cases_per_1000: 每千件案件数 | 1,000 x cases / resolved; NULL where nothing was resolved
SELECT
  l.report_year,
  g.kind,
  l.agency_id,
  r.agency_name,
  l.report_id,
  l.procedure,
  l.corrected,
  l.upheld + l.corrected + l.other AS decided,
  l.pending,
  l.total AS cases,
  CASE WHEN l.upheld + l.corrected + l.other > 0
    THEN round(l.corrected::DOUBLE / (l.upheld + l.corrected + l.other), 4)
  END AS correction_rate,
  y.resolved,
  CASE WHEN y.resolved > 0 THEN round(1000.0 * l.total / y.resolved, 2)::DOUBLE END AS cases_per_1000
FROM main.review_litigation AS l
JOIN main.reports AS r ON r.revision_id = l.revision_id
JOIN main.agencies AS g ON g.agency_id = l.agency_id
LEFT JOIN mart.applications_by_year AS y ON y.agency_id = l.agency_id AND y.report_year = l.report_year
WHERE r.status <> 'quarantined'
