"""Portfolios: other people's files in, customers, loans, payments and promises out; and the demo's own.

`reader` turns bytes into rows, `cells` one cell into one value, `columns` names what is understood,
`rows` puts a row together, `service` writes. Read `docs/import.md` first.
"""
