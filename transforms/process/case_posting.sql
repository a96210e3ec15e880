/*
title: Postings of process cases
question: What was posted of a case, in which order?
definition: One row per standing posting of a case of a normative process, numbered in the order of the books, with the activity before it and the seconds since.
edge_rules:
  - The order of the books is posted_at, posting_id; a batch summary has a row for each of its events, in the order of event_id.
  - A posting belongs to the case of the event that it posts or names, through that event's document; one without such an event, or whose event states no document, belongs to the case of its own document.
  - Its activity is the event's type; without an event its posting_type, where that is an event type. A posting without either is in no case.
  - Double postings and parts are here, since they are in the books; a posting that was taken back and its reversal cancel each other and are left out. Postings after as_of do not exist yet.
  - Cases that only the books know are here; they have no number.
not_to_be_confused_with: process.case_event, the order of the floor
source: domain model, process models
owner: process owner
grain: [process, case_no, book_case_id, posting_order]
columns:
  process: {unit: text, description: normative process}
  case_no: {unit: number, description: 'number of the case in this build; NULL: only the books know it', nullable: true, min: 1}
  book_case_id: {unit: id, description: 'document, or facility|document|line, of a case that only the books know; NULL: it has a number', nullable: true}
  facility_id: {unit: id, description: in whose books}
  activity: {unit: text, description: 'what was posted, an event type'}
  posted_at: {unit: instant, description: when the ERP stored it}
  posting_order: {unit: number, description: 'place in the case, from 1', min: 1}
  from_activity: {unit: text, description: 'activity posted before it; NULL: it is the first', nullable: true}
  waited_s: {unit: s, description: seconds since the posting before it, nullable: true, min: 0}
  posting_id: {unit: id, description: the posting}
  event_id: {unit: id, description: 'the event that it posts or names; NULL: none is known', nullable: true}
  is_last: {unit: boolean, description: no posting of the case follows}
additivity: additive
*/
WITH meant AS (
    SELECT l.posting_id, l.event_id, e.event_type, e.facility_id, e.document_id, e.document_line
    FROM shared.posting_event l
    JOIN canonical.inventory_event e ON e.event_id = l.event_id
), placed AS (
    SELECT
        p.posting_id, p.posted_at, p.facility_id, m.event_id,
        coalesce(m.event_type, p.posting_type) AS activity,
        CASE WHEN m.document_id IS NOT NULL THEN m.facility_id ELSE p.facility_id END AS case_facility_id,
        coalesce(m.document_id, p.document_id) AS document_id,
        CASE WHEN m.document_id IS NOT NULL THEN m.document_line ELSE p.document_line END AS document_line
    FROM canonical.erp_posting p
    LEFT JOIN meant m ON m.posting_id = p.posting_id
    WHERE NOT EXISTS (
        SELECT 1 FROM matching.cancelled_posting c WHERE c.posting_id = p.posting_id AND c.fate <> 'in_vain'
    )
), member AS (
    SELECT
        a.process, n.case_no,
        CASE
            WHEN n.case_no IS NULL THEN case_of(a.case_key, p.case_facility_id, p.document_id, p.document_line)
        END AS book_case_id,
        p.facility_id, p.activity, p.posted_at, p.posting_id, p.event_id
    FROM placed p
    JOIN reference.process_activity a ON a.event_type = p.activity
    LEFT JOIN process.case_number n
      ON n.process = a.process AND n.case_id = case_of(a.case_key, p.case_facility_id, p.document_id, p.document_line)
    WHERE p.document_id IS NOT NULL
)
SELECT
    process, case_no, book_case_id, facility_id, activity, posted_at,
    CAST(row_number() OVER in_case AS INT) AS posting_order,
    lag(activity) OVER in_case AS from_activity,
    seconds_between(lag(posted_at) OVER in_case, posted_at) AS waited_s,
    posting_id, event_id,
    lead(posted_at) OVER in_case IS NULL AS is_last
FROM member
WINDOW in_case AS (
    PARTITION BY process, case_no, book_case_id
    ORDER BY posted_at, posting_id, event_id NULLS FIRST
)
