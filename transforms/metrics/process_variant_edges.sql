/*
title: Edges of the variants
question: How often does each way through a process go from one activity to the next?
definition: Directly-follows pairs of each variant, counted within it; an edge bears one number in all variants of its process.
formula: "edges_count = count(to_activity directly after from_activity) in the variant"
headline: edges_count
edge_rules:
  - A variant's first activity follows from_activity NULL, its last is followed by to_activity NULL.
  - The graph of any choice of whole cases is the sum over variants of cases chosen x edges_count; no event is read again.
  - Numbers hold within one build; another build may number anew.
not_to_be_confused_with: process_edges, which are counted over cases and by facility
source: domain model, process models
owner: process owner
grain: [variant_no, edge_no]
direction: neutral
additivity: additive
columns:
  variant_no: {unit: number, description: number of the variant in this build, min: 1}
  edge_no: {unit: number, description: number of the edge in this build, min: 1}
  process: {unit: text, description: normative process}
  from_activity: {unit: text, description: 'activity before; NULL: the case starts', nullable: true}
  to_activity: {unit: text, description: 'activity after; NULL: the case ends', nullable: true}
  edges_count: {unit: count, description: how often in one case, min: 1}
*/
WITH edge AS (
    SELECT variant_no, process, from_activity, activity AS to_activity
    FROM marts.process_variant_steps
    UNION ALL
    SELECT variant_no, process, activity AS from_activity, NULL AS to_activity
    FROM marts.process_variant_steps
    WHERE is_last
), counted AS (
    SELECT variant_no, process, from_activity, to_activity, count(*) AS edges_count
    FROM edge
    GROUP BY variant_no, process, from_activity, to_activity
)
SELECT
    variant_no,
    CAST(dense_rank() OVER (ORDER BY process, from_activity NULLS FIRST, to_activity NULLS FIRST) AS INT) AS edge_no,
    process, from_activity, to_activity, edges_count
FROM counted
