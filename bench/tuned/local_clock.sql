-- In substance the model: distinct quarters by an integer key, and the zone asked once for each.
SELECT
    q.facility_id, q.quarter_no, n::DATE AS local_date, hour(n)::INTEGER AS local_hour, isodow(n)::INTEGER AS local_weekday
FROM (
    SELECT q.facility_id, q.quarter_no, timezone(f.timezone, make_timestamptz(q.quarter_no * 900000000)) AS n
    FROM (SELECT DISTINCT facility_id, epoch_us(event_time) // 900000000 AS quarter_no FROM canonical.inventory_event) q
    JOIN reference.facility f USING (facility_id)
) q
