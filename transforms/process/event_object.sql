/*
title: Events and their objects
question: Which documents, lines, items, lots, places and suppliers does an event concern, and in which role?
definition: One row per accepted event, object that it concerns and role of the object, with how much of it the event is about.
edge_rules:
  - Every event concerns the facility where it happened (at) and, if it is stated, the other end of a transfer (partner), its item, lot, serial number, document, line of the document and supplier.
  - The object_id names the kind of object in front of the key, so that a lot and a document of one number are two objects. A lot and a serial number belong to their item; a line to its document.
  - quantity is that of the event, for the item, lot or serial number that it moves; the other objects have none.
not_to_be_confused_with: process.case_event, where an event belongs to the cases of one process only
source: OCEL 2.0 specification, event-to-object relationships with qualifiers; quantity event logs (QEL)
owner: process owner
grain: [event_id, object_id, qualifier]
storage: view
columns:
  event_id: {unit: id, description: the event}
  event_type: {unit: text, description: what happened}
  event_time: {unit: instant, description: when it happened}
  recorded_at: {unit: instant, description: when the execution system stored it, nullable: true}
  sequence_no: {unit: number, description: order within the source system, nullable: true}
  object_type: {unit: text, description: 'kind of the document, or document_line, item, lot, serial, facility, supplier'}
  object_id: {unit: id, description: 'the object, such as item:SKU-1 or lot:SKU-1|L7'}
  qualifier: {unit: text, description: role of the object in the event}
  quantity: {unit: units, description: how much of it, nullable: true}
additivity: additive
*/
SELECT
    e.event_id, e.event_type, e.event_time, e.recorded_at, e.sequence_no,
    d.object_type, 'document:' || e.document_id AS object_id, 'document' AS qualifier,
    CAST(NULL AS DECIMAL(18, 6)) AS quantity
FROM canonical.inventory_event e
JOIN process.document_type d ON d.document_id = e.document_id
UNION ALL
SELECT
    e.event_id, e.event_type, e.event_time, e.recorded_at, e.sequence_no,
    'document_line' AS object_type, 'line:' || e.document_id || '|' || e.document_line AS object_id, 'line' AS qualifier,
    CAST(NULL AS DECIMAL(18, 6)) AS quantity
FROM canonical.inventory_event e
WHERE e.document_id IS NOT NULL AND e.document_line IS NOT NULL
UNION ALL
SELECT
    e.event_id, e.event_type, e.event_time, e.recorded_at, e.sequence_no,
    'item' AS object_type, 'item:' || e.item_id AS object_id, 'item' AS qualifier, e.quantity
FROM canonical.inventory_event e
WHERE e.item_id IS NOT NULL
UNION ALL
SELECT
    e.event_id, e.event_type, e.event_time, e.recorded_at, e.sequence_no,
    'lot' AS object_type, 'lot:' || coalesce(e.item_id, '') || '|' || e.lot_id AS object_id, 'lot' AS qualifier, e.quantity
FROM canonical.inventory_event e
WHERE e.lot_id IS NOT NULL
UNION ALL
SELECT
    e.event_id, e.event_type, e.event_time, e.recorded_at, e.sequence_no,
    'serial' AS object_type, 'serial:' || coalesce(e.item_id, '') || '|' || e.serial_id AS object_id, 'serial' AS qualifier,
    e.quantity
FROM canonical.inventory_event e
WHERE e.serial_id IS NOT NULL
UNION ALL
SELECT
    e.event_id, e.event_type, e.event_time, e.recorded_at, e.sequence_no,
    'facility' AS object_type, 'facility:' || e.facility_id AS object_id, 'at' AS qualifier,
    CAST(NULL AS DECIMAL(18, 6)) AS quantity
FROM canonical.inventory_event e
UNION ALL
SELECT
    e.event_id, e.event_type, e.event_time, e.recorded_at, e.sequence_no,
    'facility' AS object_type, 'facility:' || e.partner_facility_id AS object_id, 'partner' AS qualifier,
    CAST(NULL AS DECIMAL(18, 6)) AS quantity
FROM canonical.inventory_event e
WHERE e.partner_facility_id IS NOT NULL
UNION ALL
SELECT
    e.event_id, e.event_type, e.event_time, e.recorded_at, e.sequence_no,
    'supplier' AS object_type, 'supplier:' || e.supplier_id AS object_id, 'supplier' AS qualifier,
    CAST(NULL AS DECIMAL(18, 6)) AS quantity
FROM canonical.inventory_event e
WHERE e.supplier_id IS NOT NULL
