-- Published tables of a process `p`, made of hashes; {variants} and {cases} say how large.
CREATE SCHEMA marts;
CREATE TABLE marts.process_variant_steps AS
SELECT CAST(v AS INT) AS variant_no, CAST(s AS INT) AS step_no, 'p' AS process, 'a' || hash(v * 100 + s) % 12 AS activity,
    CASE WHEN s > 1 THEN 'a' || hash(v * 100 + s - 1) % 12 END AS from_activity, s = 3 + v % 7 AS is_last
FROM range(1, {variants} + 1) AS x(v), range(1, 10) AS y(s) WHERE s <= 3 + v % 7;
CREATE TABLE marts.process_variant_edges AS
SELECT variant_no, CAST(dense_rank() OVER (ORDER BY from_activity NULLS FIRST, to_activity NULLS FIRST) AS INT) AS edge_no,
    'p' AS process, from_activity, to_activity, edges_count
FROM (
    SELECT variant_no, from_activity, to_activity, count(*) AS edges_count
    FROM (SELECT variant_no, from_activity, activity AS to_activity FROM marts.process_variant_steps
        UNION ALL SELECT variant_no, activity, NULL FROM marts.process_variant_steps WHERE is_last)
    GROUP BY ALL
);
CREATE TABLE marts.process_cases AS
SELECT CAST(i AS INT) AS case_no, 'p' AS process, 'F' || lpad(CAST(hash(i) % 12 AS VARCHAR), 2, '0') AS facility_id,
    'case ' || i AS case_id, CAST(1 + floor({variants} * power(hash(i + 7) % 100000 / 100000.0, 3)) AS INT) AS variant_no,
    TIMESTAMPTZ '2026-01-01 00:00:00Z' + to_seconds(31536000 * i // {cases}) AS first_at,
    first_at + to_seconds(hash(i + 3) % 86400) AS last_at, CAST(hash(i + 3) % 86400 AS DOUBLE) AS duration_s,
    CAST(3 + variant_no % 7 AS BIGINT) AS events_count, FALSE AS is_open, 'I' || hash(i + 1) % 5000 AS item_id, 'A' AS abc_class,
    'S' || hash(i + 2) % 100 AS supplier_id, 'early' AS shift
FROM range({cases}) AS x(i);
CREATE TABLE marts.process_case_edges AS
SELECT c.case_no, CAST(s.step_no - 1 AS INT) AS edge_order, e.edge_no, c.first_at AS reached_at,
    CAST(hash(c.case_no * 10 + s.step_no) % 100000 AS DOUBLE) AS waited_s, CAST(NULL AS DOUBLE) AS business_waited_s
FROM marts.process_cases c JOIN marts.process_variant_steps s ON s.variant_no = c.variant_no AND s.step_no > 1
JOIN (SELECT DISTINCT edge_no, from_activity, to_activity FROM marts.process_variant_edges) e
  ON e.from_activity = s.from_activity AND e.to_activity = s.activity
ORDER BY c.case_no, s.step_no;
CREATE TABLE marts.variants AS
SELECT 'p' AS process, 'F00' AS facility_id, string_agg(activity, ' > ' ORDER BY step_no) AS variant, 1 AS cases_count,
    0.0 AS share_ratio, variant_no FROM marts.process_variant_steps GROUP BY variant_no;
