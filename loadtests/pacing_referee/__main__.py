"""``python -m loadtests.pacing_referee``."""

import sys

from loadtests.pacing_referee.runner import main

if __name__ == "__main__":
    sys.exit(main())
