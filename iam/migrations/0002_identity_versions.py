"""Whatever changes who users are, or what they may do, changes their account's number.

At the end of the transaction, so that two transactions meet in the number last of all, and briefly.
What only roles have is left out: sessions are not remembered, see `aws.remembered`.
"""

from django.db import migrations

# Table → columns that matter.
TABLES = {
    "iam_accesskey": "access_key_id, secret_sealed, status, user_id, account_id",
    "iam_user": "path, user_name, user_id, tags, permissions_boundary, account_id",
    "iam_inlinepolicy": "policy_name, document, user_id, group_id",
    "iam_attachment": "policy_arn, user_id, group_id",
    "iam_policy": "policy_arn, account_id",
}
MEMBERS = """
CREATE FUNCTION iam_note_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM aws_note_identity(u.account_id) FROM iam_user u
        WHERE u.id IN (NEW.user_id, OLD.user_id);
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER iam_group_users_identity
    AFTER INSERT OR DELETE OR UPDATE ON iam_group_users
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION iam_note_member();

CREATE FUNCTION iam_note_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM aws_note_identity(p.account_id) FROM iam_policy p
        WHERE p.id IN (NEW.policy_id, OLD.policy_id);
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER iam_policyversion_identity
    AFTER INSERT OR DELETE OR UPDATE OF document, is_default, policy_id ON iam_policyversion
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION iam_note_version();
"""
NO_MEMBERS = """
DROP TRIGGER iam_policyversion_identity ON iam_policyversion;
DROP FUNCTION iam_note_version;
DROP TRIGGER iam_group_users_identity ON iam_group_users;
DROP FUNCTION iam_note_member;
"""


def trigger(table: str, columns: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"""CREATE CONSTRAINT TRIGGER {table}_identity
            AFTER INSERT OR DELETE OR UPDATE OF {columns} ON {table}
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION aws_note_account()""",
        f"DROP TRIGGER {table}_identity ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [("iam", "0001_initial"), ("aws", "0003_identity_versions")]
    operations = [
        *(trigger(table, columns) for table, columns in TABLES.items()),
        migrations.RunSQL(MEMBERS, NO_MEMBERS),
    ]
