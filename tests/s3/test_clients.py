"""Programs that were written for AWS, unchanged, against a whole running lab."""

import base64
import hashlib
import json
import os
import secrets
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from awscrt import checksums

from tests.live import LiveLab
from tests.s3.clients import REGION, Shell, environment_of_clients

pytestmark = [pytest.mark.slow, pytest.mark.lab]

KEY = ("AKIACLIENTSEXAMPLE01", "clients/secret+key0123456789abcdefghij12")
FILES = 2000
BIG = 200 << 20


@pytest.fixture(scope="module")
def shell(live_lab: LiveLab, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    live_lab.manage(
        "create_account",
        *("--name", "Clients", "--email", "clients@example.com"),
        *("--password", "Correct-horse-battery-9", "--root-access-key", ":".join(KEY), "--json"),
    )
    return Shell(live_lab, KEY, tmp_path_factory.mktemp("home"))


@pytest.fixture
def bucket(shell: Shell) -> str:
    name = f"clients-{secrets.token_hex(6)}"
    shell.aws("s3", "mb", f"s3://{name}")
    return name


def fetch(address: str, **headers: str) -> tuple[int, bytes]:
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def publish(shell: Shell, bucket: str) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    shell.aws("s3api", "delete-public-access-block", "--bucket", bucket)
    shell.aws("s3api", "put-bucket-policy", "--bucket", bucket, "--policy", policy)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_folder_of_two_thousand_files_is_synced_both_ways(
    shell: Shell, bucket: str, tmp_path: Path
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for number in range(FILES):
        path = source / f"folder {number % 13}" / f"파일-{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(number) * (number % 50))
    there = f"s3://{bucket}/site"
    shell.aws("s3", "sync", "--quiet", str(source), there)
    assert shell.aws("s3", "sync", "--dryrun", str(source), there) == ""
    shell.aws("s3", "sync", "--quiet", there, str(target))
    assert contents(target) == contents(source)

    (source / "folder 0" / "파일-0.txt").unlink()
    (source / "folder 1" / "파일-1.txt").write_text("changed since")
    (target / "extra.txt").write_text("nobody's")
    said = shell.aws("s3", "sync", "--no-progress", "--delete", str(source), there)
    assert sorted(line.partition(":")[0] for line in said.splitlines()) == ["delete", "upload"]
    shell.aws("s3", "sync", "--quiet", "--delete", "--exact-timestamps", there, str(target))
    assert contents(target) == contents(source)
    listed = shell.aws("s3", "ls", "--recursive", "--summarize", f"s3://{bucket}")
    assert f"Total Objects: {FILES - 1}" in listed
    shell.aws("s3", "rm", "--quiet", "--recursive", f"s3://{bucket}")
    shell.aws("s3", "rb", f"s3://{bucket}")


def test_two_hundred_mebibytes_in_parts_both_ways(
    shell: Shell, bucket: str, tmp_path: Path
) -> None:
    source, target = tmp_path / "big.bin", tmp_path / "copy.bin"
    body = os.urandom(1 << 20) * (BIG >> 20)
    source.write_bytes(body)
    kind = ("--checksum-algorithm", "CRC64NVME")
    shell.aws("s3", "cp", "--quiet", *kind, str(source), f"s3://{bucket}/big.bin")
    named = ("--bucket", bucket, "--key", "big.bin")
    head = shell.answer("s3api", "head-object", *named, "--checksum-mode", "ENABLED")
    assert (head["ContentLength"], head["ETag"].endswith('-25"')) == (BIG, True)
    whole = checksums.crc64nvme(body).to_bytes(8)
    assert (head["ChecksumType"], head["ChecksumCRC64NVME"]) == (
        "FULL_OBJECT",
        base64.b64encode(whole).decode(),
    )
    shell.aws("s3", "cp", "--quiet", f"s3://{bucket}/big.bin", str(target))
    with target.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").digest()
    assert found == hashlib.sha256(body).digest()


def test_the_everyday_commands(shell: Shell, bucket: str, tmp_path: Path) -> None:
    page = tmp_path / "첫 쪽.html"
    page.write_text("<h1>hello</h1>")
    assert bucket in shell.aws("s3", "ls")
    shell.aws("s3", "cp", str(page), f"s3://{bucket}/a/첫 쪽.html")
    shell.aws("s3", "mv", f"s3://{bucket}/a/첫 쪽.html", f"s3://{bucket}/b/첫 쪽.html")
    assert shell.aws("s3", "ls", f"s3://{bucket}").split() == ["PRE", "b/"]
    shell.aws("s3", "mv", "--recursive", f"s3://{bucket}/b", f"s3://{bucket}/c")
    assert shell.aws("s3", "cp", f"s3://{bucket}/c/첫 쪽.html", "-") == "<h1>hello</h1>"
    address = shell.aws("s3", "presign", f"s3://{bucket}/c/첫 쪽.html", "--expires-in", "60")
    assert fetch(address.strip()) == (200, b"<h1>hello</h1>")
    assert fetch(address.strip() + "0")[0] == 403
    shell.aws("s3", "rm", "--recursive", f"s3://{bucket}/c")
    assert shell.aws("s3", "ls", f"s3://{bucket}") == ""
    shell.aws("s3", "rb", f"s3://{bucket}")
    assert bucket not in shell.aws("s3", "ls")


def test_a_website_by_its_path_and_by_its_name(shell: Shell, bucket: str, tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.write_text("<h1>home</h1>")
    shell.aws("s3", "cp", str(page), f"s3://{bucket}/")
    documents = ("--index-document", "index.html", "--error-document", "error.html")
    shell.aws("s3", "website", f"s3://{bucket}", *documents)
    port = shell.lab.environment["LAB_PUBLIC_PORT"]
    public = f"http://127.0.0.1:{port}"
    by_path = f"{public}/s3-website/{REGION}/{bucket}/"
    name = f"{bucket}.s3-website.{REGION}.localhost:{port}"
    assert fetch(by_path)[0] == 403
    publish(shell, bucket)
    assert fetch(by_path) == (200, b"<h1>home</h1>")
    assert fetch(f"{public}/", Host=name) == (200, b"<h1>home</h1>")
    assert fetch(f"{public}/nothing", Host=name)[0] == 403
    assert shell.lab.info["public_url"] == f"http://localhost:{port}"
    shell.aws("s3", "rb", "--force", f"s3://{bucket}")


def test_s3fs(shell: Shell) -> None:
    python = environment_of_clients() / "python"
    script = Path(__file__).with_name("s3fs_session.py")
    name = f"s3fs-{secrets.token_hex(6)}"
    shell.run(python, str(script), shell.endpoint, name)


def test_s3cmd(shell: Shell, tmp_path: Path) -> None:
    binary = environment_of_clients() / "s3cmd"
    host = shell.endpoint.removeprefix("http://")
    (shell.home / ".s3cfg").write_text(
        f"[default]\naccess_key = {KEY[0]}\nsecret_key = {KEY[1]}\nbucket_location = {REGION}\n"
        f"host_base = {host}\nhost_bucket = {host}\nuse_https = False\nsignature_v2 = False\n"
        "multipart_chunk_size_mb = 5\n"
    )

    def s3cmd(*arguments: str) -> str:
        return shell.run(binary, *arguments)

    name = f"s3cmd-{secrets.token_hex(6)}"
    folder = tmp_path / "site"
    (folder / "그림").mkdir(parents=True)
    (folder / "index.html").write_text("<h1>home</h1>")
    (folder / "그림" / "a b.bin").write_bytes(os.urandom(12 << 20))
    s3cmd("mb", f"s3://{name}")
    assert f"s3://{name}" in s3cmd("ls")
    # Its copies and moves carry a list, which a bucket of today refuses, here as on AWS.
    writers = "Rules=[{ObjectOwnership=ObjectWriter}]"
    named = ("--bucket", name, "--ownership-controls", writers)
    shell.aws("s3api", "put-bucket-ownership-controls", *named)
    s3cmd("sync", "--quiet", f"{folder}/", f"s3://{name}/site/")
    assert "그림/" in s3cmd("ls", f"s3://{name}/site/")
    s3cmd("sync", "--quiet", f"s3://{name}/site/", f"{tmp_path / 'copy'}/")
    assert contents(tmp_path / "copy") == contents(folder)
    s3cmd("cp", f"s3://{name}/site/index.html", f"s3://{name}/index.html")
    s3cmd("modify", "--add-header=x-amz-meta-color: blue", f"s3://{name}/index.html")
    assert "x-amz-meta-color: blue" in s3cmd("info", f"s3://{name}/index.html")
    s3cmd("ws-create", "--ws-index=index.html", f"s3://{name}")
    assert "Index document:   index.html" in s3cmd("ws-info", f"s3://{name}")
    s3cmd("mv", f"s3://{name}/index.html", f"s3://{name}/moved.html")
    s3cmd("del", "--recursive", "--force", f"s3://{name}")
    s3cmd("rb", f"s3://{name}")
    assert f"s3://{name}" not in s3cmd("ls")
