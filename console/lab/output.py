"""What the lab prints: its own progress, and its children's lines behind their names."""

import os
import sys
import threading
from typing import TextIO

COLOURS = {"lab": 32, "web": 36, "api": 34, "worker": 35, "beat": 33, "valkey": 31, "migrate": 32}
RESET = "\x1b[0m"
WIDTH = 8


class Output:
    """Whole lines only, whoever writes them. Colour on a terminal, unless NO_COLOR is set."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._lock = threading.Lock()
        wanted = "FORCE_COLOR" in os.environ or self._stream.isatty()
        self._colour = wanted and "NO_COLOR" not in os.environ

    def line(self, name: str, text: str) -> None:
        self._write(f"{self._paint(name, f'{name:<{WIDTH}}|')} {text}\n")

    def say(self, text: str) -> None:
        self.line("lab", text)

    def plain(self, text: str) -> None:
        self._write(f"{text}\n")

    def _paint(self, name: str, text: str) -> str:
        return f"\x1b[{COLOURS.get(name, 37)}m{text}{RESET}" if self._colour else text

    def _write(self, text: str) -> None:
        with self._lock:
            try:
                self._stream.write(text)
                self._stream.flush()
            except (BrokenPipeError, ValueError):
                # The terminal is gone. The lab still has to watch, and to stop in order.
                self._colour = False
