"""Pure: an event and the time go in, orders come out. Nothing here waits, reads or writes."""
