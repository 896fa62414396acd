"""``python -m micrograd_nd``: the command line."""

import sys

from micrograd_nd.cli import main

if __name__ == "__main__":
    sys.exit(main())
