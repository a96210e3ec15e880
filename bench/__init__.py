"""How fast a build is beside what a competent analyst would write by hand. Run by `make bench`; not a test."""
