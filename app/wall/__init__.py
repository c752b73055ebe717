"""Live aggregates: computed once per scope, published in pieces and deltas."""
