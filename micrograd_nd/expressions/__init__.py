"""Expressions as text: ``"u = b*c; J = 3*(a + u)"`` is read, judged and computed with Tensors; no Python code is run.

What may stand in an expression is listed: `grammar.py` has the forms, `functions.py` the functions. Whatever is in
neither list is an `ExpressionError`, which shows the place. How much is computed is limited before it is computed.

>>> from micrograd_nd.expressions import evaluate
>>> found = evaluate("u = b*c; J = 3*(a + u)", {"a": 5, "b": 3, "c": 2})
>>> found.result.backward()
>>> found.result.item(), float(found.inputs["b"].grad), float(found.named["u"].grad)
(33.0, 6.0, 3.0)
"""

from micrograd_nd.expressions.errors import ExpressionError as ExpressionError
from micrograd_nd.expressions.evaluation import Evaluation as Evaluation
from micrograd_nd.expressions.evaluation import evaluate as evaluate
from micrograd_nd.expressions.literals import read_values as read_values
