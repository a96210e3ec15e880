/*
title: Numbers of the events and of their objects
question: Where in the order of all events does an event stand, and which short numbers stand for its objects?
definition: One row per accepted event with its place in the total order, and for each object that it concerns the place of that object's first event.
edge_rules:
  - Total order is event_time, recorded_at, sequence_no, event_id; what is not stated comes first. event_no is its day since 1970 in UTC times 1,000,000,000, and its place in that day.
  - An event concerns one document, line, item, lot and serial number at most, so that the first event of an object is the first of no other object of its kind, and can be its number.
  - What an object is, and which kind a document has, is as in process.event_object and process.document_type.
  - Numbers hold within one build; another build may number anew.
not_to_be_confused_with: process.event_object, which has the names of the objects
source: domain model, process models
owner: process owner
grain: [event_no]
columns:
  event_no: {unit: number, description: place in the total order of all events}
  activity: {unit: text, description: event type}
  event_time: {unit: instant, description: when it happened}
  document_type: {unit: text, description: kind of its document, nullable: true}
  document_no: {unit: number, description: number of its document, nullable: true}
  line_no: {unit: number, description: number of its line of the document, nullable: true}
  item_no: {unit: number, description: number of its item, nullable: true}
  lot_no: {unit: number, description: number of its lot, nullable: true}
  serial_no: {unit: number, description: number of its serial number, nullable: true}
additivity: additive
*/
WITH placed AS (
    SELECT *, floor(minute_of(event_time) / 1440.0) AS day_no FROM canonical.inventory_event
), numbered AS (
    -- Day by day, so that no engine has to sort all events in one place.
    SELECT
        CAST(1000000000 * day_no AS BIGINT) + row_number() OVER (
            PARTITION BY day_no ORDER BY event_time, recorded_at NULLS FIRST, sequence_no NULLS FIRST, event_id
        ) AS event_no,
        event_type, event_time, document_id, document_line, item_id, lot_id, serial_id
    FROM placed
), document AS (
    SELECT document_id, min(event_no) AS document_no FROM numbered WHERE document_id IS NOT NULL GROUP BY document_id
), kind AS (
    SELECT d.document_id, d.document_no, t.object_type AS document_type
    FROM document d
    JOIN process.document_type t ON t.document_id = d.document_id
), line AS (
    SELECT document_id, document_line, min(event_no) AS line_no
    FROM numbered
    WHERE document_id IS NOT NULL AND document_line IS NOT NULL
    GROUP BY document_id, document_line
), item AS (
    SELECT item_id, min(event_no) AS item_no FROM numbered WHERE item_id IS NOT NULL GROUP BY item_id
), lot AS (
    SELECT coalesce(item_id, '') AS item_id, lot_id, min(event_no) AS lot_no
    FROM numbered
    WHERE lot_id IS NOT NULL
    GROUP BY coalesce(item_id, ''), lot_id
), serial AS (
    SELECT coalesce(item_id, '') AS item_id, serial_id, min(event_no) AS serial_no
    FROM numbered
    WHERE serial_id IS NOT NULL
    GROUP BY coalesce(item_id, ''), serial_id
)
SELECT
    n.event_no, n.event_type AS activity, n.event_time, d.document_type, d.document_no, l.line_no, i.item_no, o.lot_no, s.serial_no
FROM numbered n
LEFT JOIN kind d ON d.document_id = n.document_id
LEFT JOIN line l ON l.document_id = n.document_id AND l.document_line = n.document_line
LEFT JOIN item i ON i.item_id = n.item_id
LEFT JOIN lot o ON o.item_id = coalesce(n.item_id, '') AND o.lot_id = n.lot_id
LEFT JOIN serial s ON s.item_id = coalesce(n.item_id, '') AND s.serial_id = n.serial_id
