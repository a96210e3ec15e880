/*
title: Postings with their days
question: On which local day was each posting stored, and into which day was it dated?
definition: One row per posting with the local day of posted_at at its facility and the day that it is booked on, beside what it states of its worth.
edge_rules:
  - The booked day is posting_date, the local day of posted_at where that is not stated.
  - The legal entity is the posting's, else its facility's, else NULL.
  - Reversals are postings of their own.
source: "domain model, five clocks; SAP BUDAT and CPUDT"
owner: inventory accountant
grain: [posting_id]
storage: view
columns:
  posting_id: {unit: id, description: the posting}
  facility_id: {unit: id, description: whose stock}
  legal_entity_id: {unit: id, description: whose books, nullable: true}
  posted_at: {unit: instant, description: when the ERP stored it}
  posting_date: {unit: date, description: 'accounting day, where it is stated', nullable: true}
  posted_local_date: {unit: date, description: local day of posted_at at the facility}
  booked_date: {unit: date, description: 'posting_date, else the local day of posted_at'}
  item_id: {unit: id, description: the item, nullable: true}
  quantity: {unit: units, description: as stated, nullable: true}
  value_amount: {unit: number, description: 'value as stated, in `currency`', nullable: true}
  currency: {unit: text, description: currency as stated, nullable: true}
*/
WITH clock AS (
    -- A quarter of an hour lies in one local day, so that the zone is asked once a quarter.
    SELECT q.facility_id, q.quarter_no, f.legal_entity_id, local_day(q.moment, f.timezone) AS local_date
    FROM (
        SELECT facility_id, quarter_of(posted_at) AS quarter_no, min(posted_at) AS moment
        FROM canonical.erp_posting
        GROUP BY facility_id, quarter_of(posted_at)
    ) AS q
    JOIN reference.facility f ON f.facility_id = q.facility_id
)
SELECT
    p.posting_id,
    p.facility_id,
    coalesce(p.legal_entity_id, c.legal_entity_id) AS legal_entity_id,
    p.posted_at,
    p.posting_date,
    c.local_date AS posted_local_date,
    coalesce(p.posting_date, c.local_date) AS booked_date,
    p.item_id,
    p.quantity,
    p.value_amount,
    p.currency
FROM canonical.erp_posting p
JOIN clock c ON c.facility_id = p.facility_id AND c.quarter_no = quarter_of(p.posted_at)
