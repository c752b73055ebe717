"""What is said to customers, as data: scripts, statements, objections, note templates, and who gets which."""
