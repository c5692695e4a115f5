"""Measuring a server by its public face: load, latencies, throughput, goodput. Any server of OpenAI's kind will do."""

from yunqi.eval.serving.load import Arrivals as Arrivals
from yunqi.eval.serving.load import run_load as run_load
from yunqi.eval.serving.report import Objective as Objective
from yunqi.eval.serving.report import format_load as format_load
from yunqi.eval.serving.report import summarize as summarize
