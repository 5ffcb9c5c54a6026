"""Makes .venv and keeps it at requirements.txt, for make. Any Python 3.11 to 3.13 runs it, with nothing installed.

Run again it does nothing, and two at once wait for each other: `make test` and `make demo` may both come first.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "requirements.sha256"
NO_VENV = """This Python cannot make virtual environments: {said}
On Debian and Ubuntu: apt-get install python3-venv"""


def main() -> int:
    """Bring .venv up to date; 0 when it is, 1 with the reason on stderr when that failed."""
    requirements = ROOT / "requirements.txt"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "bootstrap.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another make is at work on .venv: waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if is_current(wanted):
            return 0
        STAMP.unlink(missing_ok=True)
        if not runs() and not create():
            return 1
        say("Installing what requirements.txt names into .venv: about 800 MB, a minute or two …")
        if install(requirements):
            STAMP.write_text(wanted)
            return 0
    say("The installation failed: see above. Running the same command again goes on from here.")
    return 1


def is_current(wanted: str) -> bool:
    """Whether .venv works and holds what is wanted."""
    return STAMP.is_file() and STAMP.read_text() == wanted and runs()


def runs() -> bool:
    """Whether .venv's Python starts: the one it was made from may have been removed since."""
    return (
        PYTHON.exists() and subprocess.run([PYTHON, "-c", ""], check=False, stderr=subprocess.DEVNULL).returncode == 0
    )


def create() -> bool:
    """Make .venv anew; says why where that is impossible."""
    say(f"Making .venv with Python {sys.version.split()[0]} …")
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run([sys.executable, "-m", "venv", VENV], check=False, capture_output=True, text=True)
    if done.returncode:
        say(NO_VENV.format(said=(done.stdout + done.stderr).strip()))
    return done.returncode == 0


def install(requirements: Path) -> bool:
    """Install the lock, every file checked against its hash. pip's words go to stderr, progress only to a person."""
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--disable-pip-version-check",
        "-r",
        requirements,
    ]
    if not sys.stderr.isatty():
        command += ["--quiet", "--progress-bar", "off"]
    environment = {name: value for name, value in os.environ.items() if name != "PIP_USER"}
    return subprocess.run(command, check=False, stdout=sys.stderr, env=environment).returncode == 0


def say(text: str) -> None:
    """Tell the person at the keyboard, and leave stdout to the command that comes after."""
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
