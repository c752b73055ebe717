"""What was done on a case, and the tree of outcomes it is named by."""
