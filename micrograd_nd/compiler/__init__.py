"""Compiling: a function becomes a NumPy program, made once for the shapes and dtypes of its arguments."""

from micrograd_nd.compiler.function import Compiled as Compiled
from micrograd_nd.compiler.function import compile as compile
