"""What a number means: contracts, SQL models and the registry of both. No files are written, no clock is read."""
