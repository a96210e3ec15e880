-- The database erp.db at its first extraction.
CREATE TABLE movement (doc TEXT, stored TEXT, booked TEXT, site TEXT, sku TEXT, qty NUMERIC);
INSERT INTO movement VALUES
  ('M1', '2026-01-05 08:00:00', '2026-01-05', 'DC01', 'A-100', 10),
  ('M2', '2026-07-06 08:00:00', '2026-07-03', 'DC01', 'A-100', -2.5),
  ('M3', '2026-07-06 08:30:00', '2026-07-06', 'DC09', 'A-100', 1);
