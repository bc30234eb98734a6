"""``python -m ploshcha`` is the command ``ploshcha``."""

import sys

from ploshcha.command import main

if __name__ == "__main__":
    sys.exit(main())
