/*
title: Facilities
question: Which facilities are measured?
definition: One row per facility of the workspace.
formula: "rows = facilities of the workspace"
source: workspace setting facilities
owner: operations manager
grain: [facility_id]
columns:
  facility_id: {unit: id, description: the facility}
  name: {unit: text, description: what people call it}
  kind: {unit: text, description: free text, nullable: true}
  timezone: {unit: text, description: IANA zone of its local days and hours}
  timing_model: {unit: text, description: 'how it posts, as declared', nullable: true}
*/
SELECT facility_id, name, kind, timezone, timing_model FROM reference.facility
