/*
title: Movements of stock in the books
question: By how much did the ERP change the stock of each item at each facility, and when?
definition: One row per standing posting that changes how much of an item the books hold at a facility, with the signed quantity, and one row per opening stock.
edge_rules:
  - "The direction of the event that a posting posts, or that it names, gives the sign of the event's earliest standing posting of a quantity other than zero (at the event's own facility before others, then posted_at, then posting_id), whichever sign the feed states: in adds, out takes off. Its further postings follow the same convention: one of the same sign does what the first did, one of the opposite sign takes back so much of it."
  - A posting without event, and one of an adjustment (inventory_adjusted), keeps the stated sign.
  - A posting of an event without direction (putaway, pick, hold) changes no quantity and is not here; without event, its posting_type tells the same.
  - The approval of a count (count_variance_approved) changes the books by the stated sign where nothing else does, as in an ERP that posts the difference with it; where an inventory_adjusted of the facility, as event or posting, bears the same document and item, that one is the change and the approval is not here.
  - Double postings, parts and postings without event are in the books and so are here; a posting that was taken back and its reversal cancel each other and are both left out.
  - Opening stock lies before everything; its moved_at is 1970-01-01T00:00:00Z, its posting_id NULL, its quantity book_quantity, or quantity where that is not given.
  - Item and quantity that a posting does not state are those of the event that it posts or names. A batch summary without item is here once for each item of its events, with their quantities.
  - Where neither states an item or a quantity, and where the quantity is zero, nothing is here. Postings after as_of do not exist yet.
  - Book stock at t is the sum up to and with moved_at = t; postings of equal moved_at are in the order of posting_id.
not_to_be_confused_with: physical_move, what happened on the floor
source: domain model, ATP distortion
owner: inventory accountant
grain: [facility_id, item_id, posting_id]
direction: neutral
additivity: additive
columns:
  facility_id: {unit: id, description: whose stock}
  item_id: {unit: id, description: the item}
  moved_at: {unit: instant, description: 'posted_at; of opening stock 1970-01-01T00:00:00Z'}
  posting_id: {unit: id, description: 'the posting; NULL: opening stock', nullable: true}
  event_id: {unit: id, description: 'the event that it posts or names, of a batch summary one of them; NULL: none', nullable: true}
  signed_quantity: {unit: units, description: change of stock}
  is_opening: {unit: boolean, description: whether it is opening stock}
*/
WITH linked AS (
    SELECT posting_id, event_id FROM shared.posting_event WHERE NOT is_summary
    UNION ALL
    SELECT l.posting_id, min(l.event_id) AS event_id
    FROM shared.posting_event l
    JOIN canonical.erp_posting p ON p.posting_id = l.posting_id
    WHERE l.is_summary AND p.item_id IS NOT NULL
    GROUP BY l.posting_id
), meant AS (
    SELECT l.posting_id, l.event_id, e.event_type, e.facility_id, e.document_id, e.item_id, e.quantity, FALSE AS is_of_item
    FROM linked l
    JOIN canonical.inventory_event e ON e.event_id = l.event_id
    UNION ALL
    SELECT
        l.posting_id, min(e.event_id), min(e.event_type), min(e.facility_id), min(e.document_id), e.item_id,
        CAST(sum(CASE WHEN t.direction IN ('in', 'out') THEN abs(e.quantity) ELSE e.quantity END) AS DECIMAL(18, 6)), TRUE
    FROM shared.posting_event l
    JOIN canonical.erp_posting p ON p.posting_id = l.posting_id
    JOIN canonical.inventory_event e ON e.event_id = l.event_id
    JOIN reference.event_type t ON t.event_type = e.event_type
    WHERE l.is_summary AND p.item_id IS NULL AND e.item_id IS NOT NULL
      AND (t.direction IN ('in', 'out') OR e.event_type IN ('inventory_adjusted', 'count_variance_approved'))
    GROUP BY l.posting_id, e.item_id
), several AS (
    SELECT event_id FROM linked GROUP BY event_id HAVING count(*) > 1
), led AS (
    SELECT
        m.posting_id,
        (first_value(p.quantity) OVER (
            PARTITION BY m.event_id
            ORDER BY CASE WHEN p.facility_id = m.facility_id THEN 0 ELSE 1 END, p.posted_at, p.posting_id NULLS FIRST
        ) > 0) <> (p.quantity > 0) AS is_against
    FROM meant m
    JOIN several s ON s.event_id = m.event_id
    JOIN canonical.erp_posting p ON p.posting_id = m.posting_id
    WHERE p.quantity <> 0
), adjusted AS (
    SELECT facility_id, document_id, item_id
    FROM canonical.inventory_event
    WHERE event_type = 'inventory_adjusted' AND document_id IS NOT NULL
    UNION
    SELECT facility_id, document_id, item_id
    FROM canonical.erp_posting
    WHERE posting_type = 'inventory_adjusted' AND document_id IS NOT NULL
), stated AS (
    SELECT
        p.facility_id, coalesce(p.item_id, m.item_id) AS item_id, p.posted_at, p.posting_id, m.event_id,
        coalesce(m.event_type, p.posting_type) AS kind,
        coalesce(p.document_id, m.document_id) AS document_id,
        CASE WHEN m.is_of_item THEN m.quantity ELSE coalesce(p.quantity, m.quantity) END AS quantity
    FROM canonical.erp_posting p
    LEFT JOIN meant m ON m.posting_id = p.posting_id
    WHERE NOT EXISTS (
        SELECT 1 FROM matching.cancelled_posting c WHERE c.posting_id = p.posting_id AND c.fate <> 'in_vain'
    )
), signed AS (
    SELECT
        s.facility_id, s.item_id, s.posted_at, s.posting_id, s.event_id,
        CASE
            WHEN s.kind = 'inventory_adjusted' THEN s.quantity
            WHEN s.kind = 'count_variance_approved' AND a.document_id IS NULL THEN s.quantity
            WHEN t.direction = 'none' THEN NULL
            WHEN s.event_id IS NULL THEN s.quantity
            WHEN (t.direction = 'in') <> coalesce(d.is_against, FALSE) THEN abs(s.quantity)
            ELSE -abs(s.quantity)
        END AS signed_quantity
    FROM stated s
    LEFT JOIN led d ON d.posting_id = s.posting_id
    LEFT JOIN reference.event_type t ON t.event_type = s.kind
    LEFT JOIN adjusted a ON a.facility_id = s.facility_id AND a.document_id = s.document_id AND a.item_id = s.item_id
    WHERE s.item_id IS NOT NULL AND s.quantity <> 0
)
SELECT
    o.facility_id,
    o.item_id,
    instant('1970-01-01 00:00:00Z') AS moved_at,
    CAST(NULL AS STRING) AS posting_id,
    CAST(NULL AS STRING) AS event_id,
    coalesce(o.book_quantity, o.quantity) AS signed_quantity,
    TRUE AS is_opening
FROM reference.opening_stock o
UNION ALL
SELECT facility_id, item_id, posted_at AS moved_at, posting_id, event_id, signed_quantity, FALSE AS is_opening
FROM signed
WHERE signed_quantity IS NOT NULL
