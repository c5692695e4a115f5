"""Whether an answer is right. Written apart from the generators: each answer is worked out again on another road."""

from __future__ import annotations

from yunqi.eval.verifiers.bare import gives as gives
from yunqi.eval.verifiers.manners import declined as declined
from yunqi.eval.verifiers.table import VERIFIERS as VERIFIERS
from yunqi.eval.verifiers.table import verify as verify
