"""Ends throwaway services when whoever asked for them is done, or gone.

Run as `python -m config.embedded.keeper DIRECTORY`: it waits until its standard input closes, as it also does when the
other side is killed, then stops the servers in that directory and removes it.
"""

import sys
from pathlib import Path

from config.embedded import remove
from config.embedded.places import Home

if __name__ == "__main__":
    sys.stdin.read()
    directory = Path(sys.argv[1])
    remove(Home(path=directory, shared=directory, account=None))
