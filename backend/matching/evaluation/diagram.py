"""The reliability diagram as an SVG file: what was shown as likely, beside what turned out to be relevant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, TOP, SIDE = 560, 520, 70, 50, 400
# Told apart by colour and by dashes; each is dark enough on white.
_LINES = (("#1b6ca8", ""), ("#b3541e", "6 3"), ("#2e7d32", "2 3"), ("#7b1fa2", "8 3 2 3"), ("#5d4037", "1 4"))


def reliability_diagram(whole: Mapping[str, Any], folders: Mapping[str, Mapping[str, Any]]) -> str:
    """Bars: all pairs, with how many there are above each. Lines: each folder, where there are several."""
    parts = [*_frame(), *_bars(whole["bins"])]
    if len(folders) > 1:
        for at, (name, one) in enumerate(folders.items()):
            parts += _line(name, one["bins"], at)
    error = whole["expected_calibration_error"]
    told = "no pairs" if error is None else f"{whole['pairs']} pairs, expected calibration error {error:.3f}"
    rows = "; ".join(
        f"{one['from']:.1f} to {one['to']:.1f}: {one['share_relevant']:.2f} of {one['count']}"
        for one in whole["bins"]
        if one["count"]
    )
    height = HEIGHT + (18 * len(folders) if len(folders) > 1 else 0)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        ' role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="12" fill="#222">'
    )
    text = [
        '<title id="title">Reliability of the scores of matches</title>',
        f'<desc id="desc">Share of relevant pairs by score shown: {escape(rows or "none")}. {escape(told)}.</desc>',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" font-size="15" font-weight="bold">Score shown and share relevant</text>',
        f'<text x="{LEFT}" y="41">{escape(told)}</text>',
    ]
    return "\n".join([head, *text, *parts, "</svg>", ""])


def _frame() -> list[str]:
    parts = [f'<rect x="{LEFT}" y="{TOP}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#666"/>']
    for tenth in range(0, 11, 2):
        value = tenth / 10
        x, y = _x(value), _y(value)
        parts += [
            f'<line x1="{LEFT}" x2="{LEFT + SIDE}" y1="{y}" y2="{y}" stroke="#ddd"/>',
            f'<text x="{x}" y="{TOP + SIDE + 18}" text-anchor="middle">{value:.1f}</text>',
            f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{value:.1f}</text>',
        ]
    middle = TOP + SIDE / 2
    return [
        *parts,
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#444" stroke-dasharray="4 4"/>',
        f'<text x="{LEFT + SIDE / 2}" y="{TOP + SIDE + 40}" text-anchor="middle">score shown</text>',
        f'<text x="20" y="{middle}" text-anchor="middle" transform="rotate(-90 20 {middle})">share relevant</text>',
    ]


def _bars(bins: list[dict[str, Any]]) -> list[str]:
    parts = []
    for one in bins:
        if not one["count"]:
            continue
        x, y = _x(one["from"]), _y(one["share_relevant"])
        width, tall = _x(one["to"]) - x, _y(0) - y
        parts += [
            f'<rect x="{x + 2:.1f}" y="{y:.1f}" width="{width - 4:.1f}" height="{tall:.1f}" fill="#b9d3ea"'
            ' stroke="#4a7ba6"/>',
            f'<text x="{x + width / 2:.1f}" y="{y - 4:.1f}" text-anchor="middle" font-size="10">{one["count"]}</text>',
        ]
    return parts


def _line(name: str, bins: list[dict[str, Any]], at: int) -> list[str]:
    colour, dashes = _LINES[at % len(_LINES)]
    held = [one for one in bins if one["count"]]
    points = " ".join(f"{_x(one['mean_score']):.1f},{_y(one['share_relevant']):.1f}" for one in held)
    style = f'fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'
    y = HEIGHT - 8 + 18 * at
    return [
        f'<polyline points="{points}" {style}/>',
        f'<line x1="{LEFT}" x2="{LEFT + 30}" y1="{y}" y2="{y}" {style}/>',
        f'<text x="{LEFT + 38}" y="{y + 4}">{escape(name)}</text>',
    ]


def _x(value: float) -> float:
    return round(LEFT + SIDE * value, 1)


def _y(value: float) -> float:
    return round(TOP + SIDE * (1 - value), 1)
