-- What an analyst who knows DuckDB, these three sites and nothing of Dockledger would write in one sitting.
-- Placeholders: {ws} the workspace, {as_of} its evaluation instant.

SET TimeZone = 'UTC';
SET preserve_insertion_order = false;

CREATE TABLE item AS SELECT * FROM read_csv('{ws}/master/items.csv', all_varchar = true);
CREATE TABLE alias AS SELECT * FROM read_csv('{ws}/master/item_aliases.csv', all_varchar = true);
CREATE TABLE place (gln VARCHAR, code VARCHAR, facility_id VARCHAR, posting_s INTEGER, transfer_s INTEGER);
INSERT INTO place VALUES
    ('9521234000013', 'DC-CHI', 'NDC', 3600, 172800),
    ('9521234000020', 'RW-EAST', 'RDC', 3600, 172800),
    ('9521234000037', 'EXT-3PL', '3PL1', 43200, 216000);
CREATE TABLE word (txn_type VARCHAR, event_type VARCHAR);
INSERT INTO word VALUES
    ('RCN', 'receipt_created'), ('RCV', 'receipt_confirmed'), ('PUT', 'putaway_completed'), ('TRQ', 'transfer_requested'),
    ('TAP', 'transfer_approved'), ('TSH', 'transfer_shipped'), ('TRC', 'transfer_received'), ('RSV', 'inventory_reserved'),
    ('PRL', 'pick_released'), ('PCK', 'pick_confirmed'), ('SHP', 'shipment_confirmed'), ('CNT', 'cycle_count_recorded'),
    ('CVA', 'count_variance_approved'), ('RTN', 'return_received'), ('RDS', 'return_dispositioned'),
    ('QHP', 'quality_hold_placed'), ('QHR', 'quality_hold_released'), ('ADJ', 'inventory_adjusted');

-- The national DC sends EPCIS documents: step and transaction type together say what happened.
CREATE TABLE delivered AS
WITH document AS (
    SELECT unnest(epcisBody.eventList) AS e
    FROM read_json('{ws}/feeds/ndc/*.json', format = 'unstructured', maximum_object_size = 67108864, columns = {{
        epcisBody: 'STRUCT(eventList STRUCT(
            eventID VARCHAR, eventTime TIMESTAMPTZ, recordTime TIMESTAMPTZ, bizStep VARCHAR,
            quantityList STRUCT(epcClass VARCHAR)[],
            bizTransactionList STRUCT("type" VARCHAR, bizTransaction VARCHAR)[],
            sourceList STRUCT(source VARCHAR)[], destinationList STRUCT(destination VARCHAR)[],
            "dockledger:sequence_no" BIGINT)[])'
    }})
), step AS (
    SELECT
        e.eventID AS event_id, e.eventTime AS event_time, e.recordTime AS recorded_at,
        e."dockledger:sequence_no" AS sequence_no,
        split_part(e.bizStep, '/', -1) AS step,
        split_part(e.bizTransactionList[1].type, '/', -1) AS transaction_type,
        split_part(e.bizTransactionList[1].bizTransaction, '/', -2) AS document_id,
        split_part(e.bizTransactionList[1].bizTransaction, '/', -1) AS document_line,
        split_part(e.quantityList[1].epcClass, '/', 5) AS gtin,
        split_part(coalesce(e.sourceList[1].source, e.destinationList[1].destination), '/', -1) AS partner_gln
    FROM document
)
SELECT
    event_id,
    CASE
        WHEN step = 'arriving' THEN 'receipt_created'
        WHEN step = 'storing' THEN 'putaway_completed'
        WHEN step = 'picking' THEN 'pick_confirmed'
        WHEN step = 'holding' THEN 'quality_hold_placed'
        WHEN step = 'cycle_counting' THEN 'cycle_count_recorded'
        WHEN step = 'receiving' AND transaction_type = 'po' THEN 'receipt_confirmed'
        WHEN step = 'receiving' AND transaction_type = 'rma' THEN 'return_received'
        WHEN step = 'receiving' THEN 'transfer_received'
        WHEN step = 'shipping' AND transaction_type = 'transfer_order' THEN 'transfer_shipped'
        WHEN step = 'shipping' THEN 'shipment_confirmed'
        ELSE step
    END AS event_type,
    event_time, recorded_at, sequence_no, 'NDC' AS facility_id, i.item_id, document_id, document_line,
    p.facility_id AS partner_facility_id
FROM step s
LEFT JOIN item i ON i.gtin = s.gtin
LEFT JOIN place p ON p.gln = s.partner_gln;

-- The regional warehouse: its own columns and codes, local time without a zone.
INSERT INTO delivered
SELECT
    c.TXN_ID, w.event_type, timezone('America/New_York', c.TXN_TIME), timezone('America/New_York', c.ENTERED_AT), c.SEQ, 'RDC',
    a.item_id, c.DOC_NO, c.DOC_LINE, p.facility_id
FROM read_csv('{ws}/feeds/rdc/*.csv', delim = ';', header = true, auto_detect = false, columns = {{
    TXN_ID: 'VARCHAR', TXN_TYPE: 'VARCHAR', TXN_TIME: 'TIMESTAMP', ENTERED_AT: 'TIMESTAMP', SKU: 'VARCHAR', QTY: 'VARCHAR',
    UOM: 'VARCHAR', LOT: 'VARCHAR', BIN: 'VARCHAR', ST_FROM: 'VARCHAR', ST_TO: 'VARCHAR', PARTNER: 'VARCHAR', VENDOR: 'VARCHAR',
    DOC_TYPE: 'VARCHAR', DOC_NO: 'VARCHAR', DOC_LINE: 'VARCHAR', USER: 'VARCHAR', SHIFT: 'VARCHAR', SEQ: 'BIGINT'
}}) c
JOIN word w ON w.txn_type = c.TXN_TYPE
LEFT JOIN alias a ON a.facility_id = 'RDC' AND a.local_code = c.SKU
LEFT JOIN place p ON p.code = c.PARTNER;

INSERT INTO delivered
SELECT
    event_id, event_type, event_time, recorded_at, sequence_no, facility_id, item_id, document_id, document_line,
    partner_facility_id
FROM read_csv('{ws}/feeds/3pl1/*.csv', header = true, auto_detect = false, columns = {{
    event_id: 'VARCHAR', event_type: 'VARCHAR', event_time: 'TIMESTAMPTZ', facility_id: 'VARCHAR', item_id: 'VARCHAR',
    quantity: 'VARCHAR', uom: 'VARCHAR', recorded_at: 'TIMESTAMPTZ', lot_id: 'VARCHAR', location_id: 'VARCHAR',
    from_status: 'VARCHAR', to_status: 'VARCHAR', partner_facility_id: 'VARCHAR', supplier_id: 'VARCHAR',
    document_type: 'VARCHAR', document_id: 'VARCHAR', document_line: 'VARCHAR', actor_id: 'VARCHAR', shift: 'VARCHAR',
    sequence_no: 'BIGINT'
}});

CREATE TABLE posting AS
SELECT posting_id, posted_at, facility_id, item_id, event_id, posting_type, document_id, document_line
FROM read_csv('{ws}/feeds/erp/*.csv', header = true, auto_detect = false, columns = {{
    posting_id: 'VARCHAR', posted_at: 'TIMESTAMPTZ', facility_id: 'VARCHAR', item_id: 'VARCHAR', quantity: 'VARCHAR',
    uom: 'VARCHAR', event_id: 'VARCHAR', posting_type: 'VARCHAR', movement_type: 'VARCHAR', posting_date: 'DATE',
    document_type: 'VARCHAR', document_id: 'VARCHAR', document_line: 'VARCHAR', value_amount: 'VARCHAR', currency: 'VARCHAR',
    legal_entity_id: 'VARCHAR', posted_by: 'VARCHAR'
}})
WHERE posted_at <= TIMESTAMPTZ '{as_of}';

CREATE TABLE counted AS
SELECT c.*, coalesce(i.abc_class, 'C') AS abc_class
FROM read_csv('{ws}/feeds/counts/*.csv', header = true, auto_detect = false, columns = {{
    count_id: 'VARCHAR', facility_id: 'VARCHAR', location_id: 'VARCHAR', item_id: 'VARCHAR', counted_at: 'TIMESTAMPTZ',
    counted_quantity: 'DOUBLE', book_quantity: 'DOUBLE', uom: 'VARCHAR', shift: 'VARCHAR', counted_by: 'VARCHAR',
    approved_at: 'TIMESTAMPTZ', approved_by: 'VARCHAR', reason_code: 'VARCHAR'
}}) c
LEFT JOIN item i ON i.item_id = c.item_id
WHERE c.counted_at <= TIMESTAMPTZ '{as_of}';

-- Files are delivered again now and then: each event once.
CREATE TABLE event AS
SELECT event_id, count(*) AS copies, any_value(event_type) AS event_type, any_value(event_time) AS event_time,
    any_value(recorded_at) AS recorded_at, any_value(sequence_no) AS sequence_no, any_value(facility_id) AS facility_id,
    any_value(item_id) AS item_id, any_value(document_id) AS document_id, any_value(document_line) AS document_line,
    any_value(partner_facility_id) AS partner_facility_id
FROM delivered
WHERE event_time <= TIMESTAMPTZ '{as_of}'
GROUP BY event_id;
DROP TABLE delivered;

-- Which posting posts which event: by event_id, else by document, line, item, facility and type, nearest in time.
CREATE TABLE by_id AS
SELECT event_id, arg_min(posting_id, (posted_at, posting_id)) AS posting_id, min(posted_at) AS posted_at
FROM posting WHERE event_id IS NOT NULL GROUP BY event_id;

CREATE TABLE by_key AS
WITH pair AS (
    SELECT e.event_id, p.posting_id, p.posted_at,
        row_number() OVER (
            PARTITION BY e.event_id ORDER BY abs(epoch_us(p.posted_at) - epoch_us(e.event_time)), p.posted_at, p.posting_id
        ) AS of_event,
        row_number() OVER (
            PARTITION BY p.posting_id ORDER BY abs(epoch_us(p.posted_at) - epoch_us(e.event_time)), e.event_time, e.event_id
        ) AS of_posting
    FROM posting p
    JOIN event e
      ON e.document_id = p.document_id AND e.document_line = p.document_line AND e.item_id = p.item_id
     AND e.facility_id = p.facility_id AND e.event_type = p.posting_type
    WHERE p.event_id IS NULL AND e.event_id NOT IN (SELECT event_id FROM by_id)
)
SELECT event_id, posting_id, posted_at FROM pair WHERE of_event = 1 AND of_posting = 1;

CREATE TABLE latency AS
SELECT
    e.event_id, e.facility_id, e.event_type, e.event_time, m.posting_id, m.posted_at,
    (epoch_us(coalesce(m.posted_at, TIMESTAMPTZ '{as_of}')) - epoch_us(e.event_time)) / 1e6 AS duration_s,
    m.posting_id IS NOT NULL AS is_posted,
    CASE
        WHEN e.facility_id = '3PL1' AND e.event_type = 'return_dispositioned' THEN 86400
        WHEN e.facility_id = '3PL1' THEN 43200
        WHEN e.event_type = 'shipment_confirmed' THEN 2100
        WHEN e.event_type = 'count_variance_approved' THEN 14400
        ELSE 3600
    END AS sla_s
FROM event e
LEFT JOIN (SELECT * FROM by_id UNION ALL SELECT * FROM by_key) m ON m.event_id = e.event_id
WHERE m.posting_id IS NOT NULL OR e.event_type NOT IN (
    'receipt_created', 'transfer_requested', 'transfer_approved', 'inventory_reserved', 'pick_released', 'cycle_count_recorded');

CREATE TABLE latency_by_facility AS
WITH grouped AS (
    SELECT facility_id, event_type, count(*) AS events_count, count(posting_id) AS posted_count,
        quantile_cont(duration_s, [0.5, 0.9, 0.95, 0.99]) FILTER (WHERE is_posted) AS q,
        count(*) FILTER (WHERE is_posted AND duration_s <= sla_s) AS in_time_count,
        count(*) FILTER (WHERE is_posted OR duration_s > sla_s) AS due_count
    FROM latency GROUP BY GROUPING SETS ((facility_id), (facility_id, event_type))
), step AS (
    SELECT facility_id, event_type, duration_s, count(*) FILTER (WHERE is_posted) AS d, count(*) AS n
    FROM latency GROUP BY GROUPING SETS ((facility_id, duration_s), (facility_id, event_type, duration_s))
), at_risk AS (
    SELECT *, sum(n) OVER (
        PARTITION BY facility_id, event_type ORDER BY duration_s DESC ROWS UNBOUNDED PRECEDING
    ) AS risk FROM step
), survival AS (
    SELECT facility_id, event_type, duration_s, product(1 - d / risk) OVER (
        PARTITION BY facility_id, event_type ORDER BY duration_s ROWS UNBOUNDED PRECEDING
    ) AS s FROM at_risk
), km AS (
    SELECT facility_id, event_type, min(duration_s) FILTER (WHERE s <= 0.5 + 1e-12) AS km_p50_s,
        min(duration_s) FILTER (WHERE s <= 0.1 + 1e-12) AS km_p90_s
    FROM survival GROUP BY facility_id, event_type
)
SELECT g.facility_id, g.event_type, events_count, posted_count, events_count - posted_count AS unposted_count,
    q[1] AS p50_s, q[2] AS p90_s, q[3] AS p95_s, q[4] AS p99_s, km_p50_s, km_p90_s,
    in_time_count / nullif(due_count, 0) AS within_sla_ratio
FROM grouped g
JOIN km k ON k.facility_id = g.facility_id AND k.event_type IS NOT DISTINCT FROM g.event_type;

CREATE TABLE transfer AS
SELECT
    document_id AS transfer_id,
    coalesce(
        arg_min(facility_id, event_time) FILTER (WHERE event_type = 'transfer_shipped'),
        arg_min(partner_facility_id, event_time) FILTER (WHERE event_type = 'transfer_received'),
        arg_min(facility_id, event_time)) AS from_facility_id,
    coalesce(
        arg_min(partner_facility_id, event_time) FILTER (WHERE event_type = 'transfer_shipped'),
        arg_min(facility_id, event_time) FILTER (WHERE event_type = 'transfer_received'),
        arg_min(partner_facility_id, event_time)) AS to_facility_id,
    min(event_time) FILTER (WHERE event_type = 'transfer_shipped') AS shipped_at,
    max(event_time) FILTER (WHERE event_type = 'transfer_received') AS received_at
FROM event
WHERE event_type IN ('transfer_requested', 'transfer_approved', 'transfer_shipped', 'transfer_received')
GROUP BY document_id;

CREATE TABLE transfer_cycle_time AS
SELECT from_facility_id, to_facility_id, count(*) AS transfers_count, count(*) - count(received_at) AS open_count,
    quantile_cont((epoch_us(received_at) - epoch_us(shipped_at)) / 1e6, 0.5) AS p50_s,
    quantile_cont((epoch_us(received_at) - epoch_us(shipped_at)) / 1e6, 0.9) AS p90_s
FROM transfer GROUP BY ALL;

CREATE TABLE judged_count AS
SELECT *, counted_quantity - book_quantity AS variance,
    abs(counted_quantity - book_quantity)
        <= CASE abc_class WHEN 'A' THEN 0.01 WHEN 'B' THEN 0.03 ELSE 0.05 END * book_quantity + 1e-9 AS is_within
FROM counted;

CREATE TABLE count_variance AS
SELECT facility_id, count(*) AS counts_count, sum(variance) AS variance_units, sum(abs(variance)) AS absolute_variance_units,
    count(*) FILTER (WHERE variance = 0) / nullif(count(variance), 0) AS ira_strict_ratio,
    count(*) FILTER (WHERE is_within) / nullif(count(variance), 0) AS ira_tolerance_ratio,
    1 - sum(abs(variance)) / nullif(sum(book_quantity), 0) AS unit_accuracy_ratio
FROM judged_count GROUP BY facility_id;

CREATE TABLE exception_aging AS
WITH open_one AS (
    SELECT 'missing_posting' AS rule, facility_id, event_time + to_seconds(sla_s) AS opened_at, sla_s
    FROM latency WHERE NOT is_posted AND duration_s > sla_s
    UNION ALL
    SELECT 'negative_latency', facility_id, event_time, 86400 FROM latency WHERE is_posted AND duration_s < 0
    UNION ALL
    SELECT 'orphan_posting', facility_id, posted_at, 86400
    FROM posting
    WHERE posting_id NOT IN (SELECT posting_id FROM by_key)
      AND (event_id IS NULL OR event_id NOT IN (SELECT event_id FROM event))
    UNION ALL
    SELECT 'duplicate_event', facility_id, event_time, 86400 FROM event WHERE copies > 1
    UNION ALL
    SELECT 'count_variance_over_tolerance', facility_id, counted_at, 86400
    FROM judged_count WHERE NOT is_within AND (approved_at IS NULL OR approved_at > TIMESTAMPTZ '{as_of}')
    UNION ALL
    SELECT 'transfer_unconfirmed', p.facility_id, shipped_at + to_seconds(p.transfer_s), p.transfer_s
    FROM transfer t JOIN place p ON p.facility_id = t.to_facility_id
    WHERE received_at IS NULL AND shipped_at + to_seconds(p.transfer_s) < TIMESTAMPTZ '{as_of}'
), aged AS (
    SELECT *, (epoch_us(TIMESTAMPTZ '{as_of}') - epoch_us(opened_at)) / 1e6 AS age_s FROM open_one
)
SELECT facility_id, rule,
    CASE WHEN age_s < 14400 THEN '0-4h' WHEN age_s < 86400 THEN '4-24h' WHEN age_s < 259200 THEN '1-3d'
        WHEN age_s < 604800 THEN '3-7d' ELSE '>7d' END AS bucket,
    count(*) AS open_count, count(*) FILTER (WHERE age_s > sla_s) AS breached_count
FROM aged GROUP BY ALL;

CREATE TABLE variants AS
WITH step AS (
    SELECT 'procure_to_receive' AS process, facility_id, concat(document_id, '/', document_line) AS case_id, event_type, event_time,
        recorded_at, sequence_no, event_id
    FROM event
    WHERE event_type IN (
        'receipt_created', 'receipt_confirmed', 'quality_hold_placed', 'quality_hold_released', 'putaway_completed')
    UNION ALL
    SELECT 'transfer_to_reconcile', t.to_facility_id, t.transfer_id, event_type, event_time, recorded_at, sequence_no, event_id
    FROM event e
    JOIN transfer t ON t.transfer_id = e.document_id
    WHERE event_type IN ('transfer_requested', 'transfer_approved', 'transfer_shipped', 'transfer_received')
), traced AS (
    SELECT process, facility_id, case_id,
        list(event_type ORDER BY event_time, recorded_at, sequence_no, event_id) AS trace
    FROM step GROUP BY process, facility_id, case_id
    HAVING bool_or(event_type NOT LIKE 'quality_hold%')
)
SELECT process, facility_id, array_to_string(trace, ' > ') AS variant, count(*) AS cases_count,
    count(*) / sum(count(*)) OVER (PARTITION BY process, facility_id) AS share_ratio
FROM traced GROUP BY process, facility_id, trace;
