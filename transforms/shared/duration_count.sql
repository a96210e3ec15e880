/*
title: Durations, counted
question: How often does each duration occur, finished and still open?
definition: One row per measure, group and distinct duration in seconds, with how many cases finished after it and how many are still open (censored) after it.
edge_rules:
  - An open case has the duration from its start to as_of and is censored there.
  - Negative durations stay.
  - Which measures there are, from what start to what end, is said by the models that this one puts together, one a source.
source: domain model, headline measures
owner: data engineer
grain: [measure, group_1, group_2, duration_s]
storage: view
columns:
  measure: {unit: text, description: what is timed}
  group_1: {unit: id, description: 'facility, the shipping facility of a lane, or an interface', nullable: true}
  group_2: {unit: text, description: 'event type, shift, supplier, feed, step, rule, the receiving facility of a lane, or the facility of an interface', nullable: true}
  duration_s: {unit: s, description: the duration}
  finished_count: {unit: count, description: cases that finished after this duration, min: 0}
  censored_count: {unit: count, description: cases that are open after this duration, min: 0}
additivity: additive
*/
SELECT measure, group_1, group_2, duration_s, finished_count, censored_count FROM shared.latency_duration
UNION ALL
SELECT measure, group_1, group_2, duration_s, finished_count, censored_count FROM shared.transfer_duration
UNION ALL
SELECT measure, group_1, group_2, duration_s, finished_count, censored_count FROM shared.step_duration
UNION ALL
SELECT measure, group_1, group_2, duration_s, finished_count, censored_count FROM shared.order_duration
UNION ALL
SELECT measure, group_1, group_2, duration_s, finished_count, censored_count FROM shared.message_duration
UNION ALL
SELECT measure, group_1, group_2, duration_s, finished_count, censored_count FROM shared.exception_duration
UNION ALL
SELECT measure, group_1, group_2, duration_s, finished_count, censored_count FROM shared.acknowledgement_duration
UNION ALL
SELECT measure, group_1, group_2, duration_s, finished_count, censored_count FROM shared.dispute_duration
UNION ALL
SELECT measure, group_1, group_2, duration_s, finished_count, censored_count FROM shared.outage_duration
