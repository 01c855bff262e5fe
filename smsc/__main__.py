"""The `smsc` command, also as `python -m smsc`."""

import sys

from smsc.cli.app import main

if __name__ == "__main__":
    sys.exit(main())
