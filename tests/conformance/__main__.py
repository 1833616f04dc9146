"""``python -m tests.conformance MODULE ...`` runs a module as ``python -m MODULE ...`` would.

What goes over the wires meanwhile and doesn't conform is printed as a complaint at the end.
"""

import runpy
import sys

from tests.conformance.witness import Witness

with Witness() as witness:
    del sys.argv[0]
    try:
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    finally:
        sys.stderr.writelines(f"{mismatch}\n" for mismatch in witness.take())
