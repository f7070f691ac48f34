"""Translations without gettext's programs: extract, merge, check and compile with Python.

    python -m tools.messages update        msgids of code and templates into locale/*/…/django.po
    python -m tools.messages check         exit code 1 when one is missing, empty, fuzzy or unsound
    python -m tools.messages merge FOLDER  takes over {"msgid": "msgstr"} of FOLDER/*.json
    python -m tools.messages compile       django.po -> django.mo; needs polib alone

A context is written before its msgid with the separator of .mo files: "context\\u0004msgid".
"""

import argparse
import io
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
SKIPPED = {"tests", "tools", "var", "docs", "node_modules", "migrations", "__pycache__"}
CONTEXT_SEPARATOR = "\x04"
WIDTH = 100
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
METADATA = {
    "Project-Id-Version": "groundschool",
    "Language": "ko",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


@dataclass
class Message:
    """files: where it is used; without line numbers, which would change with every edit."""

    msgid: str
    context: str | None = None
    plural: str = ""
    files: set[str] = field(default_factory=set)

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.msgid


# --- Extract ------------------------------------------------------------------------------------


def extract(root: Path) -> dict[tuple[str | None, str], Message]:
    """Every msgid of the Python files and templates below root."""
    found: dict[tuple[str | None, str], Message] = {}
    for path in _sources(root):
        for message in _messages_in(path):
            known = found.setdefault(message.key, message)
            known.plural = known.plural or message.plural
            known.files.add(str(path.relative_to(root)))
    return found


def _sources(root: Path) -> Iterator[Path]:
    for path in sorted([*root.rglob("*.py"), *root.rglob("*.html"), *root.rglob("*.txt")]):
        parts = path.relative_to(root).parts
        in_templates = path.suffix == ".py" or "templates" in parts
        if in_templates and not any(part in SKIPPED or part[0] == "." for part in parts):
            yield path


def _messages_in(path: Path) -> Iterator[Message]:
    from babel.messages.extract import extract as babel_extract
    from django.utils.translation.template import templatize

    text = path.read_text()
    code = text if path.suffix == ".py" else _unindented(templatize(text, origin=str(path)))
    for _, words, _, context in babel_extract("python", io.BytesIO(code.encode()), KEYWORDS):
        singular, plural = words if isinstance(words, tuple) else (words, "")
        yield Message(singular, context, plural)


def _unindented(code: str) -> str:
    """Python's tokenizer would take a template's indentation for its own."""
    return "\n".join(line.lstrip() for line in code.splitlines())


# --- Catalogue ----------------------------------------------------------------------------------


def update(po: polib.POFile, found: dict[tuple[str | None, str], Message]) -> None:
    """Adds and revives what is used, keeps translations, marks the unused as obsolete."""
    po.metadata |= METADATA
    entries = {(entry.msgctxt, entry.msgid): entry for entry in po}
    for key, message in found.items():
        if key not in entries:
            entries[key] = polib.POEntry(msgid=message.msgid, msgctxt=message.context)
            po.append(entries[key])
        _refresh(entries[key], message)
    for key, entry in entries.items():
        if key in found:
            continue
        entry.obsolete, entry.occurrences = True, []
        if not _translation(entry):
            po.remove(entry)
    po.sort(key=lambda entry: (entry.obsolete, entry.msgid, entry.msgctxt or ""))


def _refresh(entry: polib.POEntry, message: Message) -> None:
    entry.obsolete = False
    entry.occurrences = [(file, "") for file in sorted(message.files)]
    is_format = bool(_placeholders(message.msgid))
    entry.flags = [flag for flag in entry.flags if flag != "python-format"]
    entry.flags += ["python-format"] if is_format else []
    if message.plural and not entry.msgid_plural:
        entry.msgid_plural, entry.msgstr_plural = message.plural, {0: entry.msgstr}
        entry.msgstr = ""


def problems(po: polib.POFile, found: dict[tuple[str | None, str], Message]) -> list[str]:
    """One line for each msgid that the catalogue does not translate soundly."""
    entries = {(entry.msgctxt, entry.msgid): entry for entry in po if not entry.obsolete}
    lines = []
    for key, message in sorted(found.items(), key=lambda item: item[1].msgid):
        where = f"{message.msgid!r} ({', '.join(sorted(message.files))})"
        entry = entries.get(key)
        translation = _translation(entry) if entry else ""
        if entry is None:
            lines.append(f"not in the catalogue (run `make messages`): {where}")
        elif not translation:
            lines.append(f"untranslated: {where}")
        elif "fuzzy" in entry.flags:
            lines.append(f"fuzzy: {where}")
        elif not _placeholders(translation) <= _placeholders(message.msgid + message.plural):
            lines.append(f"unknown placeholder in {translation!r} of {where}")
    return lines


def merge(po: polib.POFile, translations: dict[str, str]) -> list[str]:
    """Takes over the translations; returns the keys that no code uses."""
    entries = {(entry.msgctxt, entry.msgid): entry for entry in po if not entry.obsolete}
    unused = []
    for key, translation in translations.items():
        context, _, msgid = key.rpartition(CONTEXT_SEPARATOR)
        entry = entries.get((context or None, msgid))
        if entry is None:
            unused.append(key)
            continue
        entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
        if entry.msgid_plural:
            entry.msgstr_plural = {0: translation}
        else:
            entry.msgstr = translation
    return unused


def _translation(entry: polib.POEntry) -> str:
    return str(entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr)


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sdfr]|%[sd]", text))


# --- Commands -----------------------------------------------------------------------------------


def run_update(path: Path, _: argparse.Namespace) -> int:
    found, po = extract(ROOT), _open(path)
    update(po, found)
    path.parent.mkdir(parents=True, exist_ok=True)
    po.save(str(path))
    lines = problems(po, found)
    print("\n".join([*lines, f"{path.relative_to(ROOT)}: {len(found)} in use, {len(lines)} open."]))
    return 0


def run_check(path: Path, _: argparse.Namespace) -> int:
    found = extract(ROOT)
    lines = problems(_open(path), found)
    print("\n".join([*lines, f"{path.relative_to(ROOT)}: {len(found)} in use, {len(lines)} open."]))
    return 1 if lines else 0


def run_merge(path: Path, arguments: argparse.Namespace) -> int:
    translations: dict[str, str] = {}
    for file in sorted(Path(arguments.folder).glob("*.json")):
        for msgid, msgstr in json.loads(file.read_text()).items():
            if translations.get(msgid, msgstr) != msgstr:
                print(f"{file.name} says otherwise: {msgid!r}: {translations[msgid]!r}, {msgstr!r}")
            translations[msgid] = msgstr
    po = _open(path)
    update(po, extract(ROOT))
    unused = merge(po, translations)
    po.save(str(path))
    print("\n".join(f"used nowhere: {msgid!r}" for msgid in sorted(unused)))
    return run_check(path, arguments)


def run_compile(path: Path, _: argparse.Namespace) -> int:
    if path.exists():
        # In one step: a server that starts now reads the old file or the new one.
        unfinished = path.with_suffix(".mo.new")
        polib.pofile(str(path)).save_as_mofile(str(unfinished))
        unfinished.replace(path.with_suffix(".mo"))
    return 0


def _open(path: Path) -> polib.POFile:
    return (
        polib.pofile(str(path), wrapwidth=WIDTH) if path.exists() else polib.POFile(wrapwidth=WIDTH)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    commands = parser.add_subparsers(required=True)
    runs: dict[str, Callable[[Path, argparse.Namespace], int]] = {
        "update": run_update,
        "check": run_check,
        "merge": run_merge,
        "compile": run_compile,
    }
    for name, run in runs.items():
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        if name == "merge":
            command.add_argument("folder")
    arguments = parser.parse_args()
    status: int = arguments.run(ROOT / "locale/ko/LC_MESSAGES/django.po", arguments)
    return status


if __name__ == "__main__":
    sys.exit(main())
