"""What templates, style sheets and scripts may hold: no inline code, no colours but tokens."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|oklch|color)\(")
INLINE = {
    "a style attribute": re.compile(r"\sstyle\s*="),
    "a style element": re.compile(r"<style\b"),
    "a script without src": re.compile(r"<script\b(?![^>]*\bsrc=)"),
    "an event handler": re.compile(r"\son[a-z]+\s*=", re.IGNORECASE),
    "an hx-on handler": re.compile(r"\shx-on"),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "unescaped output": re.compile(r"\|\s*safe\b|autoescape off"),
}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_has_nothing_inline(path: Path) -> None:
    text = path.read_text()
    assert [what for what, pattern in INLINE.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_compiles(path: Path) -> None:
    get_template(str(path.relative_to(ROOT / "templates")))


@pytest.mark.parametrize("path", SHEETS, ids=name)
def test_colours_are_tokens(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert path.name == "tokens.css" or COLOUR.findall(text) == []


# admin.css dresses Django's own pages, which have ids and few classes.
@pytest.mark.parametrize("path", [one for one in SHEETS if one.name != "admin.css"], ids=name)
def test_no_element_is_styled_by_its_id(path: Path) -> None:
    selectors = re.findall(r"([^{}]+)\{", re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S))
    assert [one.strip() for one in selectors if re.search(r"#[a-zA-Z]", one)] == []


def test_every_token_in_use_exists() -> None:
    text = "".join(path.read_text() for path in SHEETS)
    declared = set(re.findall(r"^\s*--([a-z0-9-]+):", text, re.MULTILINE))
    assert set(re.findall(r"var\(--([a-z0-9-]+)", text)) - declared == set()


def test_every_icon_in_use_exists() -> None:
    sprite = (ROOT / "static/icons/cloudscape.svg").read_text()
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', sprite))
    used = {
        icon for path in TEMPLATES for icon in re.findall(r'{% icon "([^"]+)"', path.read_text())
    }
    assert used - drawn == set(), "run tools/build_design.py"


def test_every_static_file_in_use_exists() -> None:
    used = {
        file for path in TEMPLATES for file in re.findall(r'{% static "([^"]+)"', path.read_text())
    }
    assert [file for file in sorted(used) if finders.find(file) is None] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_scripts_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 200
