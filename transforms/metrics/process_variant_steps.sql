/*
title: Steps of the variants
question: Which activities does each way through a process have, one by one?
definition: One row per variant and place in it, with the activity there and the one before.
formula: "rows = activities of each variant, one by one in its order"
edge_rules:
  - Activities are taken from one case of the variant, so that an activity's name may hold any characters.
  - "The first step has no activity before it: from_activity is NULL."
not_to_be_confused_with: variants, which are counted by facility
source: domain model, process models
owner: process owner
grain: [variant_no, step_no]
direction: neutral
additivity: non_additive
columns:
  variant_no: {unit: number, description: number of the variant in this build, min: 1}
  step_no: {unit: number, description: 'place in the variant, from 1', min: 1}
  process: {unit: text, description: normative process}
  activity: {unit: text, description: what happens}
  from_activity: {unit: text, description: 'what happens before; NULL: it is the first', nullable: true}
  is_last: {unit: boolean, description: nothing happens after it}
*/
SELECT
    n.variant_no, e.event_order AS step_no, n.process, e.activity, e.from_activity,
    e.event_order = n.steps_count AS is_last
FROM process.case_event e
JOIN process.variant_number n ON n.case_no = e.case_no
