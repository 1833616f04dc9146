"""`python -m sandbox`: a decision from beginning to end, on this machine."""

import signal
import sys

if __name__ == "__main__":
    # While the rest is loaded there is nothing to clean up: Ctrl-C ends it on the spot.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from sandbox.demo import main

    sys.exit(main())
