"""A number for each account that changes with its identities; iam's triggers write it."""

from django.db import migrations, models

FORWARD = """
CREATE SEQUENCE aws_identity_versions;

CREATE FUNCTION aws_note_identity(changed text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO aws_identityversion (account_id, version)
    VALUES (changed, nextval('aws_identity_versions'))
    ON CONFLICT (account_id) DO UPDATE SET version = EXCLUDED.version;
$$;

CREATE FUNCTION aws_note_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM aws_note_identity(coalesce(NEW.account_id, OLD.account_id));
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER aws_account_identity
    AFTER INSERT OR DELETE OR UPDATE OF status, clock_offset, sessions_valid_from ON aws_account
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION aws_note_account();
"""
BACKWARD = """
DROP TRIGGER aws_account_identity ON aws_account;
DROP FUNCTION aws_note_account;
DROP FUNCTION aws_note_identity;
DROP SEQUENCE aws_identity_versions;
"""


class Migration(migrations.Migration):
    dependencies = [("aws", "0002_sign_in_events")]
    operations = [
        migrations.CreateModel(
            name="IdentityVersion",
            fields=[
                (
                    "account_id",
                    models.CharField(max_length=12, primary_key=True, serialize=False),
                ),
                ("version", models.BigIntegerField()),
            ],
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
