"""The one way to Redis for everything but RQ's own queues."""

from django_redis import get_redis_connection
from redis import Redis


def connection() -> Redis:
    """Return a client from the pool; its calls raise `redis.RedisError` when Redis is away."""
    client: Redis = get_redis_connection("default")
    return client
