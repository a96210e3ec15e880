/*
title: Minutes of a day
question: Which minutes does a day have?
definition: The numbers from 0 to 1439.
source: arithmetic
owner: data engineer
grain: [minute_no]
columns:
  minute_no: {unit: number, description: minutes since midnight, min: 0, max: 1439}
*/
WITH digit AS (
    SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
    UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9
)
SELECT CAST(1000 * a.d + 100 * b.d + 10 * c.d + e.d AS BIGINT) AS minute_no
FROM digit a
CROSS JOIN digit b
CROSS JOIN digit c
CROSS JOIN digit e
WHERE 1000 * a.d + 100 * b.d + 10 * c.d + e.d < 1440
