"""Token buckets per principal and service, in Redis: a client in a loop slows only itself.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/throttling.html
"""

import logging
import time
from functools import cache
from typing import Any

import redis
from django.conf import settings

logger = logging.getLogger(__name__)

# KEYS[1]: bucket. ARGV: tokens per second, size of the bucket. Answers 1 when a token was left.
_TAKE = """
local now = redis.call('TIME')
local seconds = now[1] + now[2] / 1000000
local rate, size = tonumber(ARGV[1]), tonumber(ARGV[2])
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = tonumber(bucket[1]) or size
tokens = math.min(size, tokens + (seconds - (tonumber(bucket[2]) or seconds)) * rate)
local taken = 0
if tokens >= 1 then tokens = tokens - 1; taken = 1 end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', seconds)
redis.call('EXPIRE', KEYS[1], math.ceil(size / rate) + 1)
return taken
"""
BURST = 2
LOG_EVERY_SECONDS = 60.0
_last_log = 0.0


def may_call(account_id: str, user_id: str, service: str) -> bool:
    """Takes a token. Without Redis every call passes: answering matters more than limiting."""
    rate = settings.LAB_REQUESTS_PER_SECOND
    try:
        taken = _take()(
            keys=[f"throttle:{account_id}:{user_id}:{service}"], args=[rate, rate * BURST]
        )
    except redis.RedisError as error:
        _log(error)
        return True
    return bool(taken)


@cache
def _take() -> Any:
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5
    )
    return client.register_script(_TAKE)


def _log(error: redis.RedisError) -> None:
    global _last_log
    if time.monotonic() - _last_log > LOG_EVERY_SECONDS:
        _last_log = time.monotonic()
        logger.warning("Redis is away, calls are not throttled: %s", error)
