from django.apps import AppConfig


class S3Config(AppConfig):
    name = "s3"
    verbose_name = "S3"

    def ready(self) -> None:
        from aws.operation import data_doors
        from s3.observers import call_data

        data_doors["s3"] = call_data
