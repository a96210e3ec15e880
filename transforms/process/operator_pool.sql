/*
title: Pools of operators
question: Which crews are there, told without telling of a person?
definition: The people who work one shift at one facility, named by both, with how many different ones its events state; a pool is named only where they are at least five.
edge_rules:
  - A pool of fewer than five people has no name, since what is said of it would be said of persons; what a person did is in no figure of causes.
  - Events that state no shift are in no pool.
not_to_be_confused_with: process_batches, which asks what one resource does in a row
source: "domain model, canonical tables; L. Sweeney, k-anonymity: a model for protecting privacy (2002)"
owner: process owner
grain: [facility_id, shift]
columns:
  facility_id: {unit: id, description: where they work}
  shift: {unit: text, description: when they work}
  operators_count: {unit: count, description: different people that the events state, min: 0}
  operator_pool: {unit: text, description: 'name of the pool; NULL: fewer than five people', nullable: true}
additivity: additive
*/
SELECT
    facility_id, shift,
    count(DISTINCT actor_id) AS operators_count,
    CASE WHEN count(DISTINCT actor_id) >= 5 THEN concat_ws(' ', facility_id, shift) END AS operator_pool
FROM canonical.inventory_event
WHERE shift IS NOT NULL
GROUP BY facility_id, shift
