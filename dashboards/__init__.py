"""What people see. Reads published tables, never computes."""
