"""Load tests that are started and read from a page: what was asked, how far it is, what it found."""
