/*
title: Process map of a choice
question: What directly follows what in the chosen cases?
definition: Directly-follows pairs of activities over the chosen cases, counted, and the share of the chosen cases that have them as a ratio.
formula: "edges_count = count(to_activity directly after from_activity) in the chosen cases"
headline: edges_count
edge_rules:
  - A case's first activity follows from_activity NULL, its last is followed by to_activity NULL.
  - The choice is made before anything is counted, and a case is chosen as a whole.
not_to_be_confused_with: process_edges, which are counted over all cases of a facility
source: ADR 26
owner: process owner
grain: [side, from_activity, to_activity]
direction: neutral
additivity: additive
columns:
  side: {unit: text, description: which of the choices}
  from_activity: {unit: text, description: 'activity before; NULL: the case starts', nullable: true}
  to_activity: {unit: text, description: 'activity after; NULL: the case ends', nullable: true}
  edges_count: {unit: count, description: how often, min: 1}
  cases_count: {unit: count, description: in how many cases, min: 1}
  cases_ratio: {unit: ratio, description: of the chosen cases, min: 0, max: 1}
*/
SELECT
    w.side, e.from_activity, e.to_activity,
    CAST(sum(w.cases_count * e.edges_count) AS BIGINT) AS edges_count,
    CAST(sum(w.cases_count) AS BIGINT) AS cases_count,
    CAST(sum(w.cases_count) AS DOUBLE) / nullif(CAST(max(w.all_cases_count) AS DOUBLE), 0) AS cases_ratio
FROM marts.process_variant_edges e
JOIN chosen_way w ON w.variant_no = e.variant_no
GROUP BY w.side, e.from_activity, e.to_activity
