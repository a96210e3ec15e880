/*
title: Objects and their objects
question: Which objects belong to which others?
definition: One row per pair of objects of which accepted events state that the first belongs to the second, with its role.
edge_rules:
  - A line is a line of its document; a lot and a serial number are of their item. Nothing else is stated by events themselves.
  - An object whose events do not state the other one has no row.
not_to_be_confused_with: process.event_object, what an event concerns
source: OCEL 2.0 specification, object-to-object relationships
owner: process owner
grain: [source_object_id, target_object_id, qualifier]
storage: view
columns:
  source_object_id: {unit: id, description: the object that belongs}
  target_object_id: {unit: id, description: what it belongs to}
  qualifier: {unit: text, description: 'line of, lot of or serial of'}
additivity: additive
*/
SELECT DISTINCT
    'line:' || document_id || '|' || document_line AS source_object_id,
    'document:' || document_id AS target_object_id,
    'line of' AS qualifier
FROM canonical.inventory_event
WHERE document_id IS NOT NULL AND document_line IS NOT NULL
UNION ALL
SELECT DISTINCT
    'lot:' || item_id || '|' || lot_id AS source_object_id, 'item:' || item_id AS target_object_id, 'lot of' AS qualifier
FROM canonical.inventory_event
WHERE item_id IS NOT NULL AND lot_id IS NOT NULL
UNION ALL
SELECT DISTINCT
    'serial:' || item_id || '|' || serial_id AS source_object_id, 'item:' || item_id AS target_object_id,
    'serial of' AS qualifier
FROM canonical.inventory_event
WHERE item_id IS NOT NULL AND serial_id IS NOT NULL
