"""Lists over 1,000,000 keys: `python -m tests.bench.s3_million`.

The rows go in by one statement, which takes seconds where a million PUTs would take an hour. Prints
milliseconds a request, the median, of one connection; signatures and policies are checked as ever.
Asserts nothing. Target of a delimiter list over a prefix with a million keys: 50 ms.
"""

import statistics
import time

from tests.bench.s3 import KEY, REGION, Server, rate
from tests.live import LiveLab

KEYS = 1_000_000
REQUESTS = 30
FILL = f"""
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute('''
        INSERT INTO s3_objectversion (account_id, bucket_id, key, version_id, is_latest,
            is_delete_marker, size, etag, last_modified, storage_class, content, part_count,
            attributes, checksum, encryption, tags, owner_id, grants, lock_mode, legal_hold,
            restore)
        SELECT b.account_id, b.id, 'one/' || lpad(n::text, 7, '0'), 'null', TRUE, FALSE, 1,
            md5(n::text), now(), 'STANDARD', 'x', 0, '{{}}', '{{}}', '{{}}', '{{}}', '', '[]', '',
            FALSE, '{{}}'
        FROM s3_bucket b, generate_series(1, {KEYS}) n WHERE b.name = 'million'
    ''')
    cursor.execute("ANALYZE s3_objectversion")
"""
QUERIES = {
    "delimiter, one prefix with all keys": "&delimiter=%2F",
    "delimiter inside of the prefix, 1,000 keys": "&prefix=one%2F&delimiter=%2F",
    "no delimiter, 1,000 keys": "",
    "no delimiter, the last 1,000 keys": "&start-after=one%2F0999000",
}


def main() -> None:
    lab = LiveLab()
    try:
        lab.start()
        lab.manage(
            "create_account",
            *("--name", "Bench", "--email", "bench@example.com"),
            *("--password", "Correct-horse-battery-9"),
            *("--root-access-key", ":".join(KEY), "--json"),
        )
        server = Server("groundschool", int(lab.environment["LAB_API_PORT"]))
        server.client().create_bucket(
            Bucket="million", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        started = time.perf_counter()
        lab.manage("shell", "-c", FILL)
        print(f"{KEYS:,} rows in {time.perf_counter() - started:.0f} s")
        print(f"| {'list':44} | ms |")
        for name, query in QUERIES.items():
            request = server.request("GET", f"million?list-type=2{query}")
            times = [1000 / rate(server, [request], 1) for _ in range(REQUESTS)]
            print(f"| {name:44} | {statistics.median(times):.1f} |", flush=True)
    finally:
        lab.delete()


if __name__ == "__main__":
    main()
