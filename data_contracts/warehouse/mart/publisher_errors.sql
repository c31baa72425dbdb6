-- zh: 发布机关自己的数字错误：勾稽关系不符，且提取无误。数字按原样。
-- en: Errors of the publishers: rules that fail on figures which were read beyond doubt. Figures are as printed.
-- column report_year: 报告年度 | Report year
-- column agency_id: 机构编号 | The agency
-- column agency_name: 机构名称 | Name of the agency
-- column report_id: 报告编号 | The report
-- column rule_id: 规则编号 | The rule that fails
-- column severity: 严重程度 | error or warning
-- column printed: 所印数值 | Value as printed
-- column expected: 应为数值 | Value that the other cells add up to
-- column message_zh: 中文说明 | The finding in Chinese
-- column message_en: 英文说明 | The finding in English
-- column url: 网址 | Address of the document
-- column document_sha256: 文件指纹 | The document in the archive
SELECT
  r.report_year,
  r.agency_id,
  r.agency_name,
  r.report_id,
  f.rule_id,
  f.severity,
  f.printed,
  f.expected,
  f.message_zh,
  f.message_en,
  r.url,
  r.document_sha256
FROM main.findings AS f
JOIN main.reports AS r ON r.revision_id = f.revision_id
WHERE coalesce(f.outcome_corrected, f.outcome) = 'fail' AND f.attribution = 'publisher'
