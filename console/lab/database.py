"""The database before the lab's children use it: migrations, and whether an instructor exists.

Asked with bare SQL, because the lab's own process has no Django connection: its settings were
loaded before the embedded server had an address.
"""

import psycopg
from django.contrib.auth import get_user_model
from django.db.migrations.loader import MigrationLoader
from psycopg import errors, sql


def has_pending_migrations(url: str) -> bool:
    """Compares the migrations on disk with django_migrations: milliseconds, no extra process."""
    on_disk = set(MigrationLoader(None).graph.nodes)
    with psycopg.connect(url) as connection:
        try:
            applied = set(connection.execute("SELECT app, name FROM django_migrations"))
        except errors.UndefinedTable:
            return True
    return not on_disk <= applied


def has_instructor(url: str) -> bool:
    table = sql.Identifier(get_user_model()._meta.db_table)
    query = sql.SQL("SELECT 1 FROM {} WHERE is_staff AND is_active LIMIT 1").format(table)
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchone() is not None


def version(url: str) -> str:
    with psycopg.connect(url) as connection:
        number = connection.info.server_version
    return f"{number // 10000}.{number % 10000}"
