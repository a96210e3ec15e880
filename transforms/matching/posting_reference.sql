/*
title: Postings that name their event
question: Which postings state the event they post, and which of them count?
definition: One row per standing posting that states an event_id, numbered from the earliest posting of that event, with the part that it plays.
edge_rules:
  - "whole: the event's only posting, whatever its quantity, or of several the first one at which its quantity is there: that posting alone has it; without any such, the earliest."
  - "part: the postings up to the first one at which all so far amount to the event's quantity (absolute value of the signed sum), where that comes first."
  - "partial: several postings of one sign that together fall short of the event's quantity; they do not post it."
  - "double: every other posting of an event; an event posted twice counts with the earliest (posted_at, then posting_id)."
  - "unknown: the event is not known up to as_of; the posting is without an event and is not matched in another way."
  - Where the event or one of its postings states no quantity, the earliest posting counts.
  - A reversal of a part is one of the postings of the event of which it takes something back; it is never the one that counts alone.
  - Postings that were reversed, and the reversals, are not here.
source: domain model, matching steps 1 and 3
owner: data engineer
grain: [posting_id]
version: 3
columns:
  posting_id: {unit: id, description: the posting}
  event_id: {unit: id, description: the event that it states}
  posted_at: {unit: instant, description: when the ERP stored it}
  nth: {unit: number, description: 1 for the earliest posting of the event, min: 1}
  is_event_known: {unit: boolean, description: whether that event is known up to as_of}
  role: {unit: text, description: 'whole, part, partial, double or unknown'}
  quantity: {unit: units, description: signed quantity of the posting, nullable: true}
  event_quantity: {unit: units, description: absolute quantity of the event, nullable: true, min: 0}
additivity: additive
*/
WITH sized AS (
    SELECT e.event_id, abs(e.quantity) AS event_quantity
    FROM canonical.inventory_event e
    WHERE e.event_id IN (SELECT r.event_id FROM matching.repeated_reference r)
), numbered AS (
    SELECT
        p.posting_id, p.event_id, p.quantity, p.taken_from_posting_id, s.event_quantity,
        row_number() OVER whole AS nth,
        abs(sum(p.quantity) OVER whole) AS reached,
        abs(sum(p.quantity) OVER every) AS total,
        coalesce(min(p.quantity) OVER every > 0 OR max(p.quantity) OVER every < 0, FALSE) AS is_of_one_sign,
        count(*) OVER every AS postings_count,
        count(CASE WHEN s.event_quantity IS NOT NULL THEN p.quantity END) OVER every AS stated_count
    FROM matching.stated_posting p
    JOIN matching.repeated_reference r ON r.event_id = p.event_id
    LEFT JOIN sized s ON s.event_id = p.event_id
    WHERE NOT EXISTS (SELECT 1 FROM matching.cancelled_posting c WHERE c.posting_id = p.posting_id)
    WINDOW
        whole AS (
            PARTITION BY p.event_id ORDER BY p.posted_at, p.posting_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ),
        every AS (PARTITION BY p.event_id)
), reached AS (
    SELECT
        *,
        min(CASE WHEN taken_from_posting_id IS NULL THEN nth END) OVER every AS earliest_nth,
        min(
            CASE
                WHEN stated_count = postings_count AND abs(quantity) = event_quantity AND taken_from_posting_id IS NULL THEN nth
            END
        ) OVER every AS alone_nth,
        min(CASE WHEN stated_count = postings_count AND reached = event_quantity AND event_quantity > 0 AND nth > 1 THEN nth END)
            OVER every AS joint_nth
    FROM numbered
    WINDOW every AS (PARTITION BY event_id)
), cast_role AS (
    SELECT
        posting_id, nth,
        CASE
            WHEN joint_nth < coalesce(alone_nth, joint_nth + 1) THEN CASE WHEN nth <= joint_nth THEN 'part' ELSE 'double' END
            WHEN alone_nth IS NOT NULL THEN CASE WHEN nth = alone_nth THEN 'whole' ELSE 'double' END
            WHEN postings_count > 1 AND stated_count = postings_count AND is_of_one_sign AND total < event_quantity THEN 'partial'
            WHEN nth = earliest_nth THEN 'whole'
            ELSE 'double'
        END AS role
    FROM reached
)
SELECT
    p.posting_id,
    p.event_id,
    p.posted_at,
    coalesce(c.nth, 1) AS nth,
    e.event_id IS NOT NULL AS is_event_known,
    CASE WHEN e.event_id IS NULL THEN 'unknown' ELSE coalesce(c.role, 'whole') END AS role,
    p.quantity,
    abs(e.quantity) AS event_quantity
FROM matching.stated_posting p
LEFT JOIN cast_role c ON c.posting_id = p.posting_id
LEFT JOIN canonical.inventory_event e ON e.event_id = p.event_id
WHERE p.event_id IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM matching.cancelled_posting x WHERE x.posting_id = p.posting_id)
