"""Runs a Celery process that ends with whoever started it, even when that one was killed.

`python -m config.demo.child worker …` is `celery --app config worker …`, with a watch on its standard input: the other
side of that pipe closes when the parent is gone, and then so do we.
"""

import os
import signal
import sys
import threading
import time

PATIENCE = 15  # seconds to finish what is being done


def watch() -> None:
    """Wait for the parent to go, ask this process to end, and after a while insist."""
    os.read(0, 1)  # not sys.stdin: its lock would be held for ever in every process that the worker forks
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE)
    os.killpg(os.getpgid(0), signal.SIGKILL)


if __name__ == "__main__":
    from celery.__main__ import main

    threading.Thread(target=watch, daemon=True).start()
    sys.argv = ["celery", "--app", "config", *sys.argv[1:]]
    sys.exit(main())
