"""A progress bar for a person, a line a phase for a file."""

from collections.abc import Callable

WIDTH = 30


class Progress:
    """Shows how far a phase has come; `write` takes text as it is, `live` says that it goes to a terminal."""

    def __init__(self, write: Callable[[str], None], *, live: bool) -> None:
        self.write = write
        self.live = live
        self.phase = ""
        self.shown = ""

    def __call__(self, phase: str, share: float) -> None:
        """Phase `phase` has come this far, 0 to 1."""
        if phase != self.phase:
            self.done()
            self.phase = phase
            if not self.live:
                self.write(f"{phase} …\n")
        if self.live:
            filled = round(WIDTH * share)
            line = f"{phase:<16} {'█' * filled}{'·' * (WIDTH - filled)} {share:4.0%}"
            if line != self.shown:
                self.write(f"\r{line}")
                self.shown = line

    def done(self) -> None:
        """Leave the last bar standing and go to the next line."""
        if self.shown:
            self.write("\n")
        self.phase = self.shown = ""
