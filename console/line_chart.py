"""Line charts as SVG that the server draws: templates/components/line_chart.html."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

WIDTH, HEIGHT = 600, 200
LEFT, RIGHT, TOP, BOTTOM = 8, 8, 12, 12


@dataclass(frozen=True)
class LineChart:
    """line: the points of a polyline. dots: [(x, y)]. rows: [(time, value)], the table."""

    title: Any
    unit: str
    line: str
    dots: list[tuple[float, float]]
    rows: list[tuple[datetime, float]]
    top: float
    start: datetime
    end: datetime

    @property
    def box(self) -> str:
        return f"0 0 {WIDTH} {HEIGHT}"


def draw(
    title: Any,
    unit: str,
    points: Sequence[tuple[datetime, float]],
    start: datetime,
    end: datetime,
) -> LineChart:
    """points: oldest first, between start and end. The vertical axis begins at 0."""
    top = max((value for _, value in points), default=0) or 1
    span = (end - start).total_seconds() or 1
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    dots = [
        (
            round(LEFT + min(1, max(0, (at - start).total_seconds() / span)) * wide, 1),
            round(TOP + (1 - value / top) * high, 1),
        )
        for at, value in points
    ]
    line = " ".join(f"{x},{y}" for x, y in dots)
    return LineChart(title, unit, line, dots, list(points), top, start, end)
