"""`python -m app.command`."""

from app.command import main

main()
