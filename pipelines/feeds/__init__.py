"""One adapter a source format."""
