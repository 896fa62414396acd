"""Cases of the functions that NumPy has none of."""

from functools import partial

import micrograd_nd as mg
from micrograd_nd.testing.cases.drawing import along, elementwise, reducing

CASES = {
    mg.sigmoid: elementwise(mg.sigmoid),
    mg.relu: elementwise(mg.relu),
    mg.leaky_relu: elementwise(mg.leaky_relu) | elementwise(partial(mg.leaky_relu, slope=0.2)),
    mg.elu: elementwise(mg.elu) | elementwise(partial(mg.elu, alpha=0.5)),
    mg.silu: elementwise(mg.silu),
    mg.gelu: elementwise(mg.gelu) | elementwise(partial(mg.gelu, approximate=False)),
    mg.normal_cdf: elementwise(mg.normal_cdf),
    mg.softplus: elementwise(mg.softplus),
    mg.logsumexp: reducing(mg.logsumexp),
    mg.softmax: along(mg.softmax),
    mg.log_softmax: along(mg.log_softmax),
}
