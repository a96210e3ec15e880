/*
title: The evaluation
question: Up to which instant does everything here speak?
definition: One row with the evaluation instant and the number of events and postings up to it.
formula: "events_count = count(events up to as_of); postings_count = count(postings up to as_of)"
edge_rules:
  - as_of is NULL where no feed states any instant.
source: domain model, five clocks
owner: data engineer
grain: [run_id]
columns:
  run_id: {unit: id, description: the build}
  as_of: {unit: instant, description: evaluation instant, nullable: true}
  events_count: {unit: count, description: events up to as_of, min: 0}
  postings_count: {unit: count, description: postings up to as_of, min: 0}
*/
SELECT
    r.run_id,
    e.as_of,
    (SELECT count(*) FROM canonical.inventory_event) AS events_count,
    (SELECT count(*) FROM canonical.erp_posting) AS postings_count
FROM reference.run r
CROSS JOIN reference.evaluation e
