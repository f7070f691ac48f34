"""Horizontal bars as SVG, drawn by `components/bar_chart.html`: numbers in, lengths out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MAX_BARS = 30
ROW, BAR, LEFT, WIDTH = 28, 18, 180, 720


@dataclass(frozen=True)
class Bar:
    """y: of its top edge. length: in the drawing's units. text_x: where its value is written."""

    label: str
    value: Any
    y: int
    length: float

    @property
    def text_y(self) -> int:
        return self.y + BAR - 4

    @property
    def text_x(self) -> float:
        return LEFT + self.length + 6


@dataclass(frozen=True)
class BarChart:
    """is_cut: more bars than are drawn."""

    label: str
    value: str
    bars: list[Bar]
    is_cut: bool

    bar_height = BAR
    left = LEFT
    label_x = LEFT - 8
    width = WIDTH

    @property
    def height(self) -> int:
        return ROW * len(self.bars)


def draw(label: str, value: str, pairs: Sequence[tuple[Any, Any]]) -> BarChart | None:
    """pairs: (label, number). None where there is no number to draw."""
    numbers = [(str(name), _number(number)) for name, number in pairs]
    known = [(name, number) for name, number in numbers if number is not None]
    if not known:
        return None
    shown = known[:MAX_BARS]
    largest = max(abs(number) for _, number in shown) or 1
    room = WIDTH - LEFT - 90
    bars = [
        Bar(name[:24], number, ROW * place, max(1.0, round(abs(number) / largest * room, 1)))
        for place, (name, number) in enumerate(shown)
    ]
    return BarChart(label, value, bars, len(known) > MAX_BARS)


def _number(value: Any) -> float | int | None:
    """Decimals arrive as text."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = value if isinstance(value, int | float) else float(value)
    except (TypeError, ValueError):
        return None
    return found if abs(found) < float("inf") else None
