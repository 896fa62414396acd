"""Who takes part. A contender is a module with a function for each kind of workload it takes part in.

`step`, `scalar`, `elementwise` and `hvp` take a problem and return a `Job`; `chain` returns two functions, one that
records a chain of a given length and one that differentiates it.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from comparison.job import Missing


@dataclass(frozen=True)
class Contender:
    """A module in this folder, what it needs, and how it is called in tables and pictures."""

    module: str
    title: str
    needs: str = ""


CONTENDERS = {
    "hand": Contender("hand", "NumPy by hand"),
    "hand_opt": Contender("hand_opt", "NumPy, optimised by hand"),
    "hand_flat": Contender("hand_flat", "the same, one flat buffer"),
    "ours_eager": Contender("ours_eager", "micrograd_nd"),
    "ours_gradient": Contender("ours_gradient", "micrograd_nd, compiled gradient"),
    "ours_compiled": Contender("ours_compiled", "micrograd_nd, compiled step"),
    "ours_native": Contender("ours_native", "the same, with numba", "numba"),
    "autograd": Contender("hips_autograd", "HIPS autograd", "autograd"),
    "mygrad": Contender("my_grad", "MyGrad", "mygrad"),
    "torch_eager": Contender("torch_eager", "PyTorch", "torch"),
    "torch_compile": Contender("torch_compile", "torch.compile", "torch"),
    "jax_jit": Contender("jax_jit", "JAX jit", "jax"),
}
# Without these a run has failed; of the others it is reported.
OUR_OWN = ("hand", "hand_opt", "hand_flat", "ours_eager", "ours_gradient", "ours_compiled", "ours_native")


def builder(name: str, kind: str) -> Callable[..., Any] | None:
    """Return the function by which a contender takes part, or None where it does not.

    Raises
    ------
    Missing
        When the package that it needs is not installed.
    """
    contender = CONTENDERS[name]
    try:
        module = importlib.import_module(f"comparison.contenders.{contender.module}")
    except ImportError as error:
        if not contender.needs or (error.name or "").partition(".")[0] != contender.needs:
            raise
        raise Missing(f"{contender.needs} is not installed") from error
    return getattr(module, kind, None)
