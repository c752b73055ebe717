"""The room of calls: what happens now. `core/` is pure; everything around it carries out its orders."""
