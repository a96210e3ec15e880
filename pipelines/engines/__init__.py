"""The engines that run the SQL models."""
