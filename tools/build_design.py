"""Writes static/css/tokens.css and static/icons/cloudscape.svg from Cloudscape's npm packages.

    npm pack @cloudscape-design/design-tokens@3.0.110 @cloudscape-design/components@3.0.1383
    python -m tools.build_design <unpacked design-tokens> <unpacked components>

Only what the style sheets and templates use is written: a `var(--…)` of a Cloudscape token, and
an `{% icon "…" %}`. Colours are `light-dark()` pairs, so that a dark context, such as the top
navigation, is one `color-scheme: dark`.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LICENCE = (
    "Copyright Amazon.com, Inc. or its affiliates. All Rights Reserved. Apache-2.0, see "
    "static/vendor/cloudscape. Written by tools/build_design.py."
)
# Icons whose names are data: status indicators, and flashes.
ALWAYS = {
    "status-positive", "status-negative", "status-warning", "status-info", "status-stopped",
    "status-pending", "status-in-progress", "status-not-started", "close", "settings", "menu",
}  # fmt: skip
# What the console changes in Cloudscape, and what it adds: name → value, or (light, dark).
OWN: dict[str, str | tuple[str, str]] = {
    "color-background-button-primary-default": "#ff9900",
    "color-background-button-primary-hover": "#fa6f00",
    "color-background-button-primary-active": "#fa6f00",
    "color-text-button-primary-default": "#0f141a",
    "color-background-signin": ("#f6f6f9", "#0f141a"),
    "color-service-square": ("#424650", "#656871"),
    "color-favorite": ("#855900", "#fbd332"),
    "color-role-pink": "#c33d69",
    "color-role-purple": "#8456ce",
    "color-role-dark-blue": "#3759ce",
    "color-role-light-blue": "#75cfff",
    "color-role-teal": "#096f64",
    "color-role-green": "#00802f",
    "color-role-yellow": "#fbd332",
    "color-role-orange": "#f89256",
    "color-role-red": "#db0000",
    # Open Sans is Cloudscape's own fallback for Amazon Ember; the others carry Korean.
    "font-family-base": "'Open Sans', 'Helvetica Neue', Roboto, Arial, 'Apple SD Gothic Neo', "
    "'Malgun Gothic', 'Noto Sans KR', 'Noto Sans CJK KR', NanumGothic, sans-serif",
    "size-shell-row": "48px",
    "size-shell-favorites": "32px",
    "size-shell-toolbar": "42px",
    "size-shell-footer": "32px",
}


def used_tokens() -> set[str]:
    sheets = (ROOT / "static" / "css").glob("*.css")
    text = "".join(sheet.read_text() for sheet in sheets if sheet.name != "tokens.css")
    declared = set(re.findall(r"^\s*--([a-z0-9-]+):", text, re.MULTILINE))
    return set(re.findall(r"var\(--([a-z0-9-]+)", text)) - declared


def used_icons() -> set[str]:
    text = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    return ALWAYS | set(re.findall(r'{% icon "([a-z-]+)"', text))


def tokens_css(package: Path) -> str:
    tokens = json.loads((package / "index-visual-refresh.json").read_text())["tokens"]
    root, compact, still = [], [], []
    used = used_tokens()
    if unknown := used - tokens.keys() - OWN.keys():
        sys.exit(f"No such token: {', '.join(sorted(unknown))}")
    for name in sorted(used):
        value = _own(name) or tokens[name]["$value"]
        if not isinstance(value, dict):
            root.append(f"--{name}: {value};")
        elif "light" in value:
            same = value["light"] == value["dark"]
            pair = value["light"] if same else f"light-dark({value['light']}, {value['dark']})"
            root.append(f"--{name}: {pair};")
        elif "comfortable" in value:
            root.append(f"--{name}: {value['comfortable']};")
            if value["comfortable"] != value["compact"]:
                compact.append(f"--{name}: {value['compact']};")
        else:
            root.append(f"--{name}: {value['default']};")
            still.append(f"--{name}: {value['disabled']};")
    blocks = [
        f"/* {LICENCE} */",
        _block(":root", ["color-scheme: light dark;", *root]),
        _block(":root[data-mode='light']", ["color-scheme: light;"]),
        _block(":root[data-mode='dark']", ["color-scheme: dark;"]),
        _block(":root[data-density='compact']", compact),
    ]
    if still:
        inner = _block(":root", still).replace("\n", "\n  ")
        blocks.append(f"@media (prefers-reduced-motion: reduce) {{\n  {inner}\n}}")
    return "\n\n".join(blocks) + "\n"


def _own(name: str) -> str | dict[str, str] | None:
    value = OWN.get(name)
    return {"light": value[0], "dark": value[1]} if isinstance(value, tuple) else value


def _block(selector: str, lines: list[str]) -> str:
    body = "\n".join(f"  {line}" for line in lines)
    return f"{selector} {{\n{body}\n}}"


def icons_svg(package: Path) -> str:
    source = (package / "icon" / "generated" / "icons.js").read_text()
    wanted, symbols = used_icons(), []
    for match in re.finditer(r'^    "([a-z-]+)": (React\.createElement\("svg".*?)(?=^    "|^};)',
                             source, re.DOTALL | re.MULTILINE):  # fmt: skip
        name, code = match.groups()
        if name in wanted:
            wanted.discard(name)
            inner = "".join(_element(*part) for part in re.findall(
                r'React\.createElement\("(path|circle|rect|g|ellipse|line|polygon)", \{(.*?)\}',
                code, re.DOTALL))  # fmt: skip
            symbols.append(f'<symbol id="{name}" viewBox="0 0 16 16">{inner}</symbol>')
    if wanted:
        sys.exit(f"No such icon: {', '.join(sorted(wanted))}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg"><!-- {LICENCE} -->'
        + "".join(symbols)
        + "</svg>\n"
    )


def _element(tag: str, properties: str) -> str:
    attributes = ""
    for key, value in re.findall(r'"?(\w[\w-]*)"?: "([^"]*)"', properties):
        if key == "className":
            classes = value.split()
            attributes += ' fill="currentColor"' if "filled" in classes else ""
            attributes += ' stroke="none"' if "no-stroke" in classes else ""
        elif key in ("d", "cx", "cy", "r", "rx", "ry", "x", "y", "width", "height", "points",
                     "transform", "x1", "x2", "y1", "y2"):  # fmt: skip
            attributes += f' {key}="{value}"'
    return f"<{tag}{attributes}/>" if tag != "g" else ""


def main() -> None:
    tokens, components = (Path(argument) for argument in sys.argv[1:3])
    (ROOT / "static" / "css" / "tokens.css").write_text(tokens_css(tokens))
    (ROOT / "static" / "icons" / "cloudscape.svg").write_text(icons_svg(components))


if __name__ == "__main__":
    main()
