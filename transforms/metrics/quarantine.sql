/*
title: Quarantine
question: Which delivered rows could not be used, and why?
definition: One row per refused row with its file, number, reason and raw content.
formula: "rows = refused rows of all files"
edge_rules:
  - The first reason that holds is given; row 1 is the first row below the header.
  - An event or segment may give several rows with one number; `part` tells the refused ones apart.
source: domain model, truth at the boundary
owner: data engineer
grain: [feed, file, row_number, part]
direction: down_is_good
additivity: additive
columns:
  feed: {unit: text, description: the feed}
  file: {unit: text, description: the file}
  row_number: {unit: number, description: row in the file, min: 1}
  part: {unit: number, description: "1, or which of the refused rows with this number", min: 1}
  reason: {unit: text, description: one of a closed list}
  detail: {unit: text, description: the reason in words}
  raw: {unit: text, description: what was delivered, nullable: true}
*/
WITH refused AS (
    SELECT feed, file, row_number, reason, detail, raw
    FROM landing.refused
    UNION ALL
    SELECT feed, file, row_number, 'schema violation' AS reason, detail, raw
    FROM landing.malformed
)
SELECT
    feed, file, row_number,
    row_number() OVER (PARTITION BY feed, file, row_number ORDER BY detail, raw NULLS LAST) AS part,
    reason, detail, raw
FROM refused
