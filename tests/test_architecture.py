"""Imports point one way: faces → operations → models → aws. Services meet through operations."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SERVICES = {"iam", "cloudtrail", "ec2", "kms", "s3", "rds"}
# A component for every page with a policy in it.
POLICY_EDITOR = "iam.views.editor"
FACES = {"views", "forms", "urls", "tasks", "admin", "navigation"}
PRODUCT = sorted(
    path
    for folder in ("aws", "console", *SERVICES)
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)


def imports(path: Path) -> Iterator[str]:
    """Modules that a file imports, those for type checking alone left out."""
    tree = ast.parse(path.read_text())
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_imports_point_one_way(path: Path) -> None:
    app = path.relative_to(ROOT).parts[0]
    inside = path.relative_to(ROOT).parts[1:]
    layer = inside[0].removesuffix(".py")
    for module in imports(path):
        parts = module.split(".")
        if app == "aws" and layer != "wire":
            assert parts[0] not in SERVICES, f"{name(path)} imports the service {module}"
        if app not in ("console",) and parts[0] == "console":
            # Faces may use the shell's forms, flashes and navigation; nothing below them may.
            assert layer in FACES | {"templatetags"}, f"{name(path)} imports {module}"
        if app in SERVICES and parts[0] in SERVICES - {app}:
            # The policy language is a library, not a service.
            is_open = parts[1:2] == ["operations"] or parts[:2] == ["iam", "policy"]
            is_editor = layer in FACES and (module + ".").startswith(f"{POLICY_EDITOR}.")
            assert is_open or is_editor, f"{name(path)} reaches into {module}"
        if app in SERVICES and layer in ("models", "operations", "states"):
            forbidden = FACES - ({"tasks"} if layer == "operations" else set())
            assert not set(parts[1:2]) & forbidden, f"{name(path)} imports a face: {module}"


def test_the_policy_language_is_pure_python() -> None:
    for path in (ROOT / "iam" / "policy").glob("*.py"):
        for module in imports(path):
            assert not module.startswith(("django", "aws", "botocore")), name(path)


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_files_stay_small_enough_to_read(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 500
