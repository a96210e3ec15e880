/*
title: Quarantine
question: Which delivered rows could not be used, and why?
definition: One row per refused row with its file, number, reason and raw content.
edge_rules:
  - The first reason that holds is given; row 1 is the first row below the header.
source: domain model, truth at the boundary
owner: data engineer
grain: [feed, file, row_number]
direction: down_is_good
additivity: additive
columns:
  feed: {unit: text, description: the feed}
  file: {unit: text, description: the file}
  row_number: {unit: number, description: row in the file, min: 1}
  reason: {unit: text, description: one of a closed list}
  detail: {unit: text, description: the reason in words}
  raw: {unit: text, description: what was delivered, nullable: true}
*/
SELECT feed, file, row_number, reason, detail, raw
FROM landing.refused
UNION ALL
SELECT feed, file, row_number, 'schema violation' AS reason, detail, raw
FROM landing.malformed
