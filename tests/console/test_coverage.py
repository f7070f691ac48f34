"""docs/coverage.md says what the registry offers, and the page says the same."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from aws.operation import find, offered
from console import coverage
from console.coverage import OperationCoverage, ServiceCoverage


@pytest.fixture(scope="module")
def collected() -> list[ServiceCoverage]:
    return coverage.collect()


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(coverage, "PATH", tmp_path / "coverage.md")
    return coverage.PATH


def test_every_offered_operation_is_listed_once(collected: list[ServiceCoverage]) -> None:
    listed = [
        f"{service.prefix}:{operation.name}"
        for service in collected
        for operation in service.operations
        if operation.is_offered
    ]
    assert listed == sorted(set(listed), key=listed.index)
    assert set(listed) == {operation.action for operation in offered()}


def test_what_we_lack_is_listed_too(collected: list[ServiceCoverage]) -> None:
    iam = next(service for service in collected if service.prefix == "iam")
    assert OperationCoverage("UploadServerCertificate", False, "") in iam.operations
    assert 0 < iam.offered < len(iam.operations)


def test_the_file_reads_back_as_it_was_written(
    collected: list[ServiceCoverage], path: Path
) -> None:
    path.write_text(coverage.write(collected))
    assert list(coverage.read()) == collected


def test_a_bar_in_a_note_survives(path: Path) -> None:
    one = OperationCoverage("GetThing", True, "a | b.")
    services = [ServiceCoverage("iam", "IAM", (one,))]
    path.write_text(coverage.write(services))
    assert list(coverage.read()) == services


def test_notes_come_from_the_docstring() -> None:
    lookup = find("cloudtrail", "LookupEvents")
    assert lookup is not None
    note = coverage.notes(lookup)
    assert note.startswith("events of IAM")
    assert "https://" not in note
    assert "\n" not in note


class TestTheCommand:
    def test_check_fails_until_the_file_is_written(self, path: Path) -> None:
        with pytest.raises(CommandError, match="out of date. Run `python manage.py coverage`"):
            call_command("coverage", "--check")
        call_command("coverage", stdout=StringIO())
        call_command("coverage", "--check", stdout=StringIO())
        path.write_text(path.read_text().replace("| yes |", "| – |", 1))
        with pytest.raises(CommandError) as error:
            call_command("coverage", "--check")
        assert error.value.returncode == 1

    def test_the_order_is_stable(self, collected: list[ServiceCoverage]) -> None:
        assert coverage.write(collected) == coverage.write(coverage.collect())


def test_the_committed_file_is_up_to_date(collected: list[ServiceCoverage]) -> None:
    assert coverage.PATH.read_text() == coverage.write(collected), f"run `{coverage.COMMAND}`"


class TestThePage:
    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_it_lists_a_service(self, console: Any, nobody: Any, language: str) -> None:
        """It is documentation: no permission is asked."""
        page = console(nobody).get("/console/coverage", headers={"accept-language": language})
        assert page.status_code == 200
        assert b"CreateUser" in page.content

    def test_it_filters(self, console: Any, alice: Any) -> None:
        page = console(alice).get("/console/coverage?service=cloudtrail&q=lookup&offered=yes")
        assert b"LookupEvents" in page.content
        assert b"CreateTrail" not in page.content

    def test_htmx_gets_the_rows_alone(self, console: Any, alice: Any) -> None:
        part = console(alice).get("/console/coverage?q=createuser", headers={"HX-Request": "true"})
        assert b"CreateUser" in part.content
        assert b"<html" not in part.content

    def test_it_survives_a_missing_file(self, console: Any, alice: Any, path: Path) -> None:
        assert console(alice).get("/console/coverage").status_code == 200
