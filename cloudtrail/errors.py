"""CloudTrail's error codes, as botocore's model lists them. Messages are the model's sentences."""

from aws.errors import AwsError


class InvalidLookupAttributesException(AwsError):
    message = "A lookup attribute is specified that is not valid. {reason}"


class InvalidTimeRangeException(AwsError):
    message = (
        "The timestamp values are not valid. Either the start time occurs after the end time, or "
        "the time range is outside the range of possible values."
    )


class InvalidMaxResultsException(AwsError):
    message = "The limit specified is not valid. Specify a value from 1 to {limit}."


class InvalidNextTokenException(AwsError):
    message = (
        "A token that is not valid, or a token that was previously used in a request with "
        "different parameters."
    )


class InvalidEventCategoryException(AwsError):
    message = "The event category {category} is not valid."
