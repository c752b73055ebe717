"""Bytes to browsers: sockets, channels of keyed cards, brokers. Knows no business, imports no app.

Read protocol.py, mailbox.py and hub.py first; docs/protocol.md is the page for strangers.
"""
