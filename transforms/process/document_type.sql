/*
title: Documents and their kind
question: What kind of document is each one that events name?
definition: One row per document that an accepted event names, with the one kind that it has.
edge_rules:
  - The kind is the document_type that its events state; where they state several, the first by name; where none states one, it is document.
  - A kind that bears the name of another object type (document_line, item, lot, serial, facility, supplier) is document, too, so that names stay apart.
source: OCEL 2.0 specification, every object has exactly one type
owner: process owner
grain: [document_id]
columns:
  document_id: {unit: id, description: the document}
  object_type: {unit: text, description: its kind}
additivity: additive
*/
WITH stated AS (
    SELECT document_id, coalesce(min(document_type), 'document') AS document_type
    FROM canonical.inventory_event
    WHERE document_id IS NOT NULL
    GROUP BY document_id
)
SELECT
    document_id,
    CASE
        WHEN document_type IN ('document_line', 'item', 'lot', 'serial', 'facility', 'supplier') THEN 'document'
        ELSE document_type
    END AS object_type
FROM stated
