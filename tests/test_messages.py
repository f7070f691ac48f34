"""The translation tools on a small project of their own."""

import json
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import polib
import pytest

from tools import messages


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/views.py").write_text(
        "from django.utils.translation import gettext as _, ngettext, pgettext\n"
        'title = _("Users")\n'
        'text = ngettext("%(n)s user", "%(n)s users", 2)\n'
        'verb = pgettext("verb", "Filter")\n'
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/list.html").write_text(
        '{% load i18n %}<h1 title="{% translate "Users" %}">{% blocktranslate trimmed %}\n'
        "  Signed in as {{ name }}\n{% endblocktranslate %}</h1>\n"
        "\n    <p>\n  deeper, then less deep, as no Python could be</p>\n "
        "{% blocktranslate count n=3 %}one key{% plural %}{{ n }} keys{% endblocktranslate %}"
    )
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_x.py").write_text('_("not for users")')
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    return tmp_path


def catalogue(project: Path) -> Path:
    return project / "django.po"


def korean(project: Path) -> dict[str, str]:
    (project / "json").mkdir(exist_ok=True)
    return {
        "Users": "사용자",
        "%(n)s user": "사용자 %(n)s명",
        "verb\x04Filter": "필터링",
        "Signed in as %(name)s": "로그인: %(name)s",
        "one key": "키 %(n)s개",
    }


def merged(project: Path, translations: dict[str, str]) -> int:
    (project / "json/a.json").write_text(json.dumps(translations))
    return messages.run_merge(catalogue(project), Namespace(folder=str(project / "json")))


def test_code_and_templates_are_read_and_tests_are_not(project: Path) -> None:
    found = messages.extract(project)
    assert {message.msgid for message in found.values()} == {
        "Users",
        "%(n)s user",
        "Filter",
        "Signed in as %(name)s",
        "one key",
    }
    assert found[None, "Users"].files == {"shop/views.py", "templates/list.html"}
    assert found[None, "one key"].plural == "%(n)s keys"
    assert ("verb", "Filter") in found


def test_a_full_catalogue_passes(project: Path) -> None:
    translations = korean(project)
    assert merged(project, translations) == 0
    po = polib.pofile(str(catalogue(project)))
    assert po.find("one key").msgstr_plural == {0: "키 %(n)s개"}
    assert po.find("Users").msgstr == "사용자"


@pytest.mark.parametrize("lacking", ["Users", "one key", "verb\x04Filter"])
def test_an_untranslated_msgid_fails(project: Path, lacking: str) -> None:
    translations = korean(project)
    del translations[lacking]
    assert merged(project, translations) == 1


def test_a_fuzzy_entry_fails(project: Path) -> None:
    merged(project, korean(project))
    po = polib.pofile(str(catalogue(project)))
    po.find("Users").flags.append("fuzzy")
    po.save()
    assert messages.run_check(catalogue(project), Namespace()) == 1


def test_a_placeholder_that_the_msgid_lacks_fails(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert merged(project, korean(project) | {"Signed in as %(name)s": "%(nmae)s"}) == 1
    assert "unknown placeholder in '%(nmae)s'" in capsys.readouterr().out


def test_a_removed_msgid_becomes_obsolete_and_comes_back(project: Path) -> None:
    merged(project, korean(project))
    views = (project / "shop/views.py").read_text()
    (project / "shop/views.py").write_text("")
    messages.run_update(catalogue(project), Namespace())
    obsolete = polib.pofile(str(catalogue(project))).obsolete_entries()
    assert {entry.msgid for entry in obsolete} == {"%(n)s user", "Filter"}
    (project / "shop/views.py").write_text(views)
    messages.run_update(catalogue(project), Namespace())
    assert messages.run_check(catalogue(project), Namespace()) == 0


def test_translations_that_disagree_are_reported(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    korean(project)
    (project / "json/0.json").write_text(json.dumps({"Users": "유저"}))
    merged(project, korean(project))
    assert "a.json says otherwise: 'Users': '유저', '사용자'" in capsys.readouterr().out


def test_compile_needs_polib_alone(project: Path) -> None:
    merged(project, korean(project))
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['babel', 'django'])); "
        "from pathlib import Path; from tools import messages; "
        f"messages.run_compile(Path({str(catalogue(project))!r}), None)"
    )
    root = Path(__file__).resolve().parent.parent
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
    compiled = polib.mofile(str(project / "django.mo"))
    assert compiled.find("Users").msgstr == "사용자"
