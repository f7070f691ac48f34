"""Files and parts whose rows go are noted by the database itself, whoever deletes the row."""

from django.db import migrations

FORWARD = """
ALTER TABLE s3_objectversion ALTER COLUMN content SET STORAGE EXTERNAL;

ALTER TABLE s3_part
    ADD CONSTRAINT s3_part_upload_cascade FOREIGN KEY (upload_id)
        REFERENCES s3_multipartupload (id) ON DELETE CASCADE,
    ADD CONSTRAINT s3_part_version_cascade FOREIGN KEY (version_id)
        REFERENCES s3_objectversion (id) ON DELETE CASCADE;

CREATE FUNCTION s3_note_garbage() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO s3_garbage (file, since) VALUES (OLD.file, now());
    RETURN NULL;
END $$;

CREATE TRIGGER s3_object_deleted AFTER DELETE ON s3_objectversion
    FOR EACH ROW WHEN (OLD.file IS NOT NULL) EXECUTE FUNCTION s3_note_garbage();
CREATE TRIGGER s3_object_replaced AFTER UPDATE OF file ON s3_objectversion
    FOR EACH ROW WHEN (OLD.file IS NOT NULL AND OLD.file IS DISTINCT FROM NEW.file)
    EXECUTE FUNCTION s3_note_garbage();
CREATE TRIGGER s3_part_deleted AFTER DELETE ON s3_part
    FOR EACH ROW EXECUTE FUNCTION s3_note_garbage();
CREATE TRIGGER s3_part_replaced AFTER UPDATE OF file ON s3_part
    FOR EACH ROW WHEN (OLD.file <> NEW.file) EXECUTE FUNCTION s3_note_garbage();

CREATE FUNCTION s3_drop_parts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM s3_part WHERE version_id = OLD.id;
    RETURN NULL;
END $$;

CREATE TRIGGER s3_object_parts_replaced AFTER UPDATE OF part_count ON s3_objectversion
    FOR EACH ROW WHEN (OLD.part_count > 0) EXECUTE FUNCTION s3_drop_parts();
"""
BACKWARD = """
DROP TRIGGER s3_object_parts_replaced ON s3_objectversion;
DROP FUNCTION s3_drop_parts;
DROP TRIGGER s3_part_replaced ON s3_part;
DROP TRIGGER s3_part_deleted ON s3_part;
DROP TRIGGER s3_object_replaced ON s3_objectversion;
DROP TRIGGER s3_object_deleted ON s3_objectversion;
DROP FUNCTION s3_note_garbage;
ALTER TABLE s3_part DROP CONSTRAINT s3_part_version_cascade, DROP CONSTRAINT s3_part_upload_cascade;
"""


class Migration(migrations.Migration):
    dependencies = [("s3", "0001_buckets_and_objects")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
