/*
title: Exception aging
question: How old is the backlog at each facility?
definition: Number of open exceptions per facility, rule and age bucket at as_of, and how many of them are older than their SLA.
formula: "open_count = count(exceptions without resolved_at), by bucket of as_of - opened_at"
edge_rules:
  - The lower bound of a bucket is inclusive; 14,400 s is in 4-24h.
  - Resolved exceptions do not appear; buckets without exceptions have no row.
source: domain model, headline measures
owner: operations manager
grain: [facility_id, rule, bucket]
direction: down_is_good
additivity: additive
columns:
  facility_id: {unit: id, description: facility that has to act, nullable: true}
  rule: {unit: text, description: name of the rule}
  bucket: {unit: text, description: '0-4h, 4-24h, 1-3d, 3-7d or >7d'}
  open_count: {unit: count, description: open exceptions, min: 1}
  breached_count: {unit: count, description: open ones older than their SLA, min: 0}
*/
SELECT
    x.facility_id,
    x.rule,
    b.bucket,
    count(*) AS open_count,
    count(*) FILTER (WHERE x.is_breached) AS breached_count
FROM marts.exceptions x
JOIN reference.aging_bucket b ON x.age_s >= b.lower_s AND (x.age_s < b.upper_s OR b.upper_s IS NULL)
WHERE x.resolved_at IS NULL
GROUP BY x.facility_id, x.rule, b.bucket
