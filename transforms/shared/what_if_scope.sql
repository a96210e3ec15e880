/*
title: What a change of the interface can be about
question: Whose schedule changes together?
definition: Facilities by what is changed together; each facility alone, and all facilities of a timing model.
edge_rules:
  - Only facilities whose replay can be trusted (is_replayable of marts.what_if_interface) are here; the others keep what was measured.
source: marts.what_if_interface
owner: integration lead
grain: [scope_kind, scope, facility_id]
columns:
  scope_kind: {unit: text, description: 'facility or timing_model'}
  scope: {unit: text, description: 'the facility, or the timing model'}
  facility_id: {unit: id, description: a facility that changes}
*/
SELECT 'facility' AS scope_kind, facility_id AS scope, facility_id
FROM marts.what_if_interface
WHERE is_replayable
UNION ALL
SELECT 'timing_model' AS scope_kind, detected_model AS scope, facility_id
FROM marts.what_if_interface
WHERE is_replayable
