"""What a data scientist does with s3fs; runs in the clients' own environment.

Arguments: the endpoint, a bucket's name. The key comes from the environment.
"""

import sys

import fsspec  # type: ignore[import-not-found,import-untyped,unused-ignore]
import s3fs  # type: ignore[import-not-found,import-untyped,unused-ignore]

endpoint, bucket = sys.argv[1:]
files = s3fs.S3FileSystem(endpoint_url=endpoint, skip_instance_cache=True)
files.mkdir(bucket, region_name="ap-northeast-2")
assert bucket in files.ls("")

# Small, empty, and in several parts.
files.pipe(f"{bucket}/data/1.csv", b"a,b\n1,2\n")
files.touch(f"{bucket}/data/empty")
block = bytes(range(256)) * 4096
with files.open(f"{bucket}/data/big.bin", "wb", block_size=5 << 20) as stream:
    for _ in range(13):
        stream.write(block)
assert files.info(f"{bucket}/data/big.bin")["size"] == 13 << 20
with files.open(f"{bucket}/data/big.bin", "rb") as stream:
    stream.seek((12 << 20) + 5)
    assert stream.read(10) == block[5:15]
assert files.cat_file(f"{bucket}/data/big.bin", start=-3) == block[-3:]

# Folders, patterns and names in any script.
files.pipe({f"{bucket}/여름/{n}.txt": str(n).encode() for n in range(30)})
assert len(files.ls(f"{bucket}/여름")) == 30
assert files.glob(f"{bucket}/여름/1*.txt")[0] == f"{bucket}/여름/1.txt"
assert sorted(files.ls(bucket)) == [f"{bucket}/data", f"{bucket}/여름"]
assert files.du(f"{bucket}/data") == (13 << 20) + 8
assert files.exists(f"{bucket}/data/empty")
assert not files.exists(f"{bucket}/data/nothing")

# Copies, moves, metadata, addresses.
files.copy(f"{bucket}/data/1.csv", f"{bucket}/data/2.csv")
files.mv(f"{bucket}/data/2.csv", f"{bucket}/data/3.csv")
assert files.cat(f"{bucket}/data/3.csv") == b"a,b\n1,2\n"
assert not files.exists(f"{bucket}/data/2.csv")
files.setxattr(f"{bucket}/data/1.csv", copy_kwargs={"ContentType": "text/csv"}, owner="minji")
assert files.getxattr(f"{bucket}/data/1.csv", "owner") == "minji"
with fsspec.open(files.url(f"{bucket}/data/1.csv"), "rb") as stream:
    assert stream.read().startswith(b"a,b")

try:
    files.cat("nobody-has-this-bucket/x")
except FileNotFoundError:
    pass
else:
    raise AssertionError("a bucket that is not there was read")

files.rm(bucket, recursive=True)
assert not files.exists(bucket)
