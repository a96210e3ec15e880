/*
title: Messages and their acknowledgements
question: Which messages are known to be acknowledged, and of which interfaces can it be known?
definition: One row per message with its acknowledgement as far as it is known at as_of, and whether its interface states acknowledgements at all.
edge_rules:
  - An acknowledgement later than as_of is not known yet.
  - An interface states acknowledgements where any of its messages, at whatever facility, has one up to as_of. Where none has, the log may have no such column, so that nothing of it waits or is late. Messages without an interface are one interface.
source: domain model, headline measures
owner: integration engineer
grain: [message_id]
storage: view
columns:
  message_id: {unit: id, description: the message}
  interface: {unit: id, description: what it was sent over, nullable: true}
  facility_id: {unit: id, description: the facility that it speaks of, nullable: true}
  sent_at: {unit: instant, description: when it was sent}
  acknowledged_at: {unit: instant, description: 'when the receiver acknowledged it, up to as_of; NULL: not yet', nullable: true}
  status: {unit: text, description: as stated, nullable: true}
  is_acknowledging: {unit: boolean, description: whether its interface states acknowledgements}
*/
SELECT
    m.message_id,
    m.interface,
    m.facility_id,
    m.sent_at,
    CASE WHEN m.acknowledged_at <= e.as_of THEN m.acknowledged_at END AS acknowledged_at,
    m.status,
    count(CASE WHEN m.acknowledged_at <= e.as_of THEN 1 END) OVER (PARTITION BY m.interface) > 0 AS is_acknowledging
FROM canonical.integration_message m
CROSS JOIN reference.evaluation e
