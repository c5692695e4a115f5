"""What Prometheus may scrape: latencies and tokens per model, and what the engine says of itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from yunqi.protocol.requests import EngineStats, Usage

_FIRST = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_BETWEEN = (0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 5)
_WHOLE = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class Metrics:
    """One registry per server, so that several may live in one process."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        model, tokens = ["model"], "yunqi_tokens"
        self._first = _histogram("time_to_first_token", "From arrival to the first token.", model, _FIRST, registry)
        self._between = _histogram("inter_token", "Between two steps of an answer.", model, _BETWEEN, registry)
        self._whole = _histogram("request", "From arrival to the end.", [*model, "outcome"], _WHOLE, registry)
        self._tokens = Counter(tokens, "Tokens by kind.", [*model, "kind"], registry=registry)
        self._requests = Counter("yunqi_requests", "Requests.", [*model, "route", "outcome"], registry=registry)
        self._serving = Gauge("yunqi_requests_in_progress", "Requests being served.", model, registry=registry)

    def began(self, model: str) -> None:
        self._serving.labels(model).inc()

    def first_token(self, model: str, seconds: float) -> None:
        self._first.labels(model).observe(seconds)

    def next_token(self, model: str, seconds: float) -> None:
        self._between.labels(model).observe(seconds)

    def ended(self, model: str, route: str, outcome: str, seconds: float, usage: Usage) -> None:
        """`outcome` is a finish reason, "gone" for a client that left, or the code of an error."""
        self._serving.labels(model).dec()
        self._requests.labels(model, route, outcome).inc()
        self._whole.labels(model, outcome).observe(seconds)
        kinds = ("prompt", "cached", "completion", "reasoning")
        for kind in kinds:
            self._tokens.labels(model, kind).inc(getattr(usage, f"{kind}_tokens"))

    def page(self, stats: EngineStats | None) -> bytes:
        """The text that Prometheus reads; without `stats` where the engine cannot say them now."""
        page = generate_latest(self._registry)
        if stats is None:
            return page
        engine = CollectorRegistry()
        engine.register(_EngineCollector(stats))
        return page + generate_latest(engine)


class _EngineCollector:
    def __init__(self, stats: EngineStats) -> None:
        self._stats = stats

    def collect(self) -> Iterable[Metric]:
        return list(self._metrics())

    def _metrics(self) -> Iterator[Metric]:
        stats = self._stats
        yield GaugeMetricFamily("yunqi_engine_running", "Sequences being computed.", stats.num_running)
        yield GaugeMetricFamily("yunqi_engine_waiting", "Sequences in the queue.", stats.num_waiting)
        yield GaugeMetricFamily("yunqi_engine_blocks", "Blocks of cache.", stats.num_blocks)
        yield GaugeMetricFamily("yunqi_engine_free_blocks", "Blocks that nobody holds.", stats.num_free_blocks)
        if steps := stats.counters.get("verifications"):
            length = 1 + stats.counters["accepted_tokens"] / steps
            text = "Tokens that a step with guesses gives on average."
            yield GaugeMetricFamily("yunqi_engine_acceptance_length", text, length)
        for name, value in stats.counters.items():
            yield CounterMetricFamily(f"yunqi_engine_{name}", f"Counted by the engine: {name}.", value)


def _histogram(
    name: str, text: str, labels: list[str], buckets: tuple[float, ...], registry: CollectorRegistry
) -> Histogram:
    return Histogram(f"yunqi_{name}_seconds", text, labels, buckets=buckets, registry=registry)
