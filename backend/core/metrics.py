"""What Prometheus reads at /metrics. Labels are routes and codes, never ids or names."""

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("padan_requests_total", "Requests answered", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "padan_request_seconds", "Time to answer", ["route"], buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
)
JOBS_WAITING = Gauge("padan_jobs", "Jobs by status", ["status"])
QUEUE_AGE = Gauge("padan_queue_age_seconds", "Age of the oldest job that waits")
SEARCH_ENGINE = Gauge("padan_search_engine", "1 for the engine that answered last", ["engine"])
SEARCHES = Counter("padan_searches_total", "Searches answered, by engine", ["engine"])
