"""`python -m visgenenv` is the command line `visgen`."""

import sys

from visgenenv.cli import main

if __name__ == "__main__":
    sys.exit(main())
