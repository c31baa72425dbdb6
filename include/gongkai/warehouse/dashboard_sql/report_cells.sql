-- The cells of some reports of a year; a cell without a number has its state.
SELECT report_id, table_code, row_code, column_code, value, state
FROM main.cells
WHERE report_year = ? AND report_id IN (SELECT unnest(?))
