"""Pictures of computations, and the computations that they show."""

import numpy as np

import micrograd_nd as mg
from gallery import Gallery
from micrograd_nd import nn, viz

GRAPHS = Gallery()


def course():
    """J = 3(a + bc)."""
    a, b, c = mg.Tensor(5.0, name="a"), mg.Tensor(3.0, name="b"), mg.Tensor(2.0, name="c")
    u = b * c
    u.name = "u"
    v = a + u
    v.name = "v"
    return 3 * v


def logistic_loss():
    """The loss of logistic regression for one sample of two features."""
    x1, x2, y = (mg.Tensor(x, name=n, requires_grad=False) for x, n in ((1.0, "x1"), (2.0, "x2"), (1.0, "y")))
    w1, w2, b = mg.Tensor(0.5, name="w1"), mg.Tensor(-0.25, name="w2"), mg.Tensor(0.1, name="b")
    z = w1 * x1 + w2 * x2 + b
    a = mg.sigmoid(z)
    L = -(y * np.log(a) + (1 - y) * np.log(1 - a))
    z.name, a.name, L.name = "z", "a", "L"
    return L


def network_cost(n_x=2, n_h=3, m=3):
    """The cost of a network with one hidden layer."""
    rng = np.random.default_rng(1)
    X = mg.Tensor(rng.standard_normal((n_x, m)).round(1), name="X", requires_grad=False)
    Y = mg.Tensor(1.0 * (np.arange(m) % 2 == 0)[None], name="Y", requires_grad=False)
    W1 = mg.Tensor(rng.standard_normal((n_h, n_x)).round(1), name="W1")
    W2 = mg.Tensor(rng.standard_normal((1, n_h)).round(1), name="W2")
    b1, b2 = mg.Tensor(np.zeros((n_h, 1)), name="b1"), mg.Tensor(np.zeros((1, 1)), name="b2")
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    A2 = mg.sigmoid(Z2)
    Z1.name, A1.name, Z2.name, A2.name = "Z1", "A1", "Z2", "A2"
    return -np.mean(Y * np.log(A2) + (1 - Y) * np.log(1 - A2))


@GRAPHS.in_both_themes
def chain_rule(theme):
    """What flows back is the derivative at an arrow's end times the local one."""
    return viz.graph(course(), local_derivatives=True, theme=theme)


@GRAPHS.in_both_themes
def logistic_regression(theme):
    """Formulas in one box each."""
    return viz.graph(logistic_loss(), detail="low", title="Logistic regression: the loss of one sample", theme=theme)


@GRAPHS.in_both_themes
def network(theme):
    """The rules of a layer, in matrices."""
    return viz.graph(network_cost(), detail="low", local_derivatives=True, direction="TB", theme=theme)


@GRAPHS.in_both_themes
def large_arrays(theme):
    """Arrays too large to be written out."""
    return viz.graph(network_cost(20, 7, 209), detail="low", direction="TB", theme=theme)


@GRAPHS.in_both_themes
def modules(theme):
    """The calls of modules, as boxes around what they compute."""
    model = nn.MLP([2, 3, 1], hidden="tanh", seed=1)
    X = mg.Tensor([[0.8, -0.6, 0.7, 1.2], [0.8, -0.1, -0.4, 2.4]], name="X", requires_grad=False)
    Y = mg.Tensor([[1.0, 0.0, 0.0, 1.0]], name="Y", requires_grad=False)
    J = np.mean((model(X) - Y) ** 2)
    return viz.graph(J, detail="low", direction="TB", theme=theme)


@GRAPHS.in_both_themes
def layers(theme):
    """Layers as single boxes, one of them in a residual block."""
    model = nn.Sequential(
        nn.Dense(20, 7, "relu", seed=1), nn.Residual(nn.Dense(7, 7, "tanh", seed=2)), nn.Dense(7, 1, "sigmoid", seed=3)
    )
    rng = np.random.default_rng(1)
    X = mg.Tensor(rng.standard_normal((20, 209)), name="X", requires_grad=False)
    Y = mg.Tensor(1.0 * (rng.random((1, 209)) > 0.5), name="Y", requires_grad=False)
    return viz.graph(np.mean((model(X) - Y) ** 2), collapse="layers", detail="low", direction="TB", theme=theme)


@GRAPHS.in_both_themes
def repeats(theme):
    """Fifty equal layers."""
    model = nn.Sequential(*[nn.Dense(8, 8, "tanh", seed=i) for i in range(50)])
    X = mg.Tensor(np.random.default_rng(1).standard_normal((8, 4)), name="X", requires_grad=False)
    return viz.graph(np.mean(model(X)), collapse="layers", theme=theme)


@GRAPHS.in_both_themes
def second_derivative(theme):
    """The graph of a derivative, and its own derivative."""
    x = mg.Tensor(2.0, name="x")
    slope = mg.grad(np.tanh)(x)
    slope.name = "J′"
    return viz.graph(slope, detail="low", title="The derivative of J = tanh(x), and what it depends on", theme=theme)


@GRAPHS.in_both_themes
def compiled_program(theme):
    """The schedule of a compiled gradient."""

    def cost(W, X, b):
        return np.mean(np.tanh(W @ X + b))

    gradients = mg.compile(mg.grad(cost, argnums=(0, 2)), measure=False, native=False)
    gradients(np.ones((7, 20)), np.ones((20, 209)), np.ones((7, 1)))
    return viz.graph(gradients, detail="low", direction="TB", theme=theme)
