/*
title: Steps in the lives of objects
question: Which events make up the life of a document, a line, an item, a lot or a serial number?
definition: One row per accepted event and document, line, item, lot and serial number that it concerns, both by number.
edge_rules:
  - Places and suppliers take part in events, but have no way of their own; they are left out.
not_to_be_confused_with: process.event_object, the same by name, with places and suppliers
source: OCEL 2.0 specification, event-to-object relationships
owner: process owner
grain: [event_no, object_type, object_no]
storage: view
columns:
  event_no: {unit: number, description: place of the event in the total order of all}
  object_type: {unit: text, description: 'kind of the document, or document_line, item, lot, serial'}
  object_no: {unit: number, description: 'number of the object, within its type'}
  activity: {unit: text, description: event type}
  event_time: {unit: instant, description: when it happened}
additivity: additive
*/
SELECT event_no, document_type AS object_type, document_no AS object_no, activity, event_time
FROM process.event_number
WHERE document_no IS NOT NULL
UNION ALL
SELECT event_no, 'document_line', line_no, activity, event_time FROM process.event_number WHERE line_no IS NOT NULL
UNION ALL
SELECT event_no, 'item', item_no, activity, event_time FROM process.event_number WHERE item_no IS NOT NULL
UNION ALL
SELECT event_no, 'lot', lot_no, activity, event_time FROM process.event_number WHERE lot_no IS NOT NULL
UNION ALL
SELECT event_no, 'serial', serial_no, activity, event_time FROM process.event_number WHERE serial_no IS NOT NULL
