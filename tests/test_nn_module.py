"""Modules find their parameters, whatever holds them, and give and take their values."""

import copy
import pickle

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn


class Holder(nn.Module):
    """A module of whatever attributes it is given; it never calls ``super().__init__()``."""

    def __init__(self, **attributes):
        self.__dict__.update(attributes)


def nests(leaves):
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.lists(inner, max_size=3).map(tuple),
            st.dictionaries(st.sampled_from("pqrs"), inner, max_size=3),
            st.dictionaries(st.sampled_from("pqrs"), inner, max_size=3).map(lambda d: Holder(**d)),
        ),
        max_leaves=8,
    )


parameters = st.floats(-2, 2).map(mg.Tensor)
others = st.one_of(st.none(), st.integers(), st.text(max_size=2), st.just(mg.Tensor(1.0, requires_grad=False)))


def follow(module, name):
    """Look up a parameter by its name, an attribute, key or index at a time."""
    part = module
    for key in name.split("."):
        if isinstance(part, nn.Module):
            part = getattr(part, key)
        else:
            part = part[key] if isinstance(part, dict) else part[int(key)]
    return part


def differentiable_leaves(part):
    if isinstance(part, mg.Tensor):
        return [part] if part.requires_grad else []
    inside = vars(part).values() if isinstance(part, nn.Module) else part
    inside = inside.values() if isinstance(inside, dict) else inside
    return [t for x in inside for t in differentiable_leaves(x)] if hasattr(inside, "__iter__") else []


@given(nests(st.one_of(parameters, others.filter(lambda x: not isinstance(x, str)))))
def test_parameters_are_found_in_any_nest_in_the_order_of_assignment(nest):
    module = Holder(a=nest, b=mg.Tensor(1.0))
    expected = [*differentiable_leaves(nest), module.b]
    assert [id(p) for p in module.parameters()] == [id(p) for p in expected]


@given(nests(parameters))
def test_the_name_of_a_parameter_is_the_path_to_it(nest):
    module = Holder(a=nest)
    assert all(follow(module, name) is p for name, p in module.named_parameters())


@given(nests(parameters))
def test_load_state_dict_undoes_whatever_happened_since_state_dict(nest):
    module = Holder(a=nest)
    state = module.state_dict()
    for parameter in module.parameters():
        parameter.data = parameter.data + 1
    module.load_state_dict(state)
    assert {name: p.item() for name, p in module.named_parameters()} == state


def test_a_shared_parameter_is_listed_once_under_its_first_name():
    w = mg.Tensor([1.0])
    assert Holder(a=w, b=[w], c=Holder(d=w)).named_parameters() == [("a", w)]


def test_a_shared_module_is_listed_once():
    layer = nn.Linear(1, 1)
    assert [name for name, _ in Holder(a=layer, b=layer).named_parameters()] == ["a.W", "a.b"]


def test_a_cycle_of_modules_and_lists_ends():
    module = Holder(w=mg.Tensor(1.0))
    module.self = module
    module.list = [module]
    module.list.append(module.list)
    assert module.parameters() == [module.w]
    assert module.modules() == [module]
    assert module.eval().training is False
    assert "..." in repr(module)


def test_deep_nests_need_no_recursion():
    module = Holder(w=mg.Tensor(1.0))
    for _ in range(5_000):
        module = Holder(m=module)
    assert len(module.parameters()) == 1
    while vars(module).get("m"):
        module = module.m  # freed a module at a time


def test_a_recorded_result_as_an_attribute_is_an_error_that_says_what_to_do():
    module = Holder(layer=Holder(W=mg.Tensor([1.0]) * 0.01))
    with pytest.raises(
        TypeError, match=r"Holder\.layer\.W is the recorded result of an operation.*mg\.Tensor\(value\)"
    ):
        module.parameters()


def test_two_parameters_of_one_name_are_an_error():
    module = Holder(a={1: mg.Tensor(1.0), "1": mg.Tensor(2.0)})
    assert len(module.parameters()) == 2
    with pytest.raises(ValueError, match=r"two parameters are named 'a\.1'"):
        module.state_dict()


def test_zero_grad_forgets_every_gradient():
    layer = nn.Linear(2, 1, seed=0)
    np.sum(layer(np.ones((2, 3)))).backward()
    assert all(p.grad is not None for p in layer.parameters())
    layer.zero_grad()
    assert all(p.grad is None for p in layer.parameters())


def test_train_and_eval_reach_every_module_and_return_the_first():
    inner = nn.ReLU()
    model = Holder(a=[{"b": inner}])
    assert model.training
    assert model.eval() is model
    assert not inner.training
    assert model.train() is model
    assert inner.training


def test_calling_a_module_calls_forward():
    class Net(nn.Module):
        def forward(self, x, *, factor):
            return factor * x

    assert Net()(3, factor=2) == 6


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="Holder must define forward"):
        Holder()(1)


def test_state_dict_holds_copies():
    layer = nn.Linear(2, 1, weights="zeros")
    layer.state_dict()["W"][:] = 1
    state = layer.state_dict()
    layer.load_state_dict(state)
    state["W"][:] = 1
    assert not layer.W.numpy().any()


def test_load_state_dict_lists_every_difference_and_changes_nothing():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    before = model.state_dict()
    state = {
        "layers.0.W": np.ones((3, 2)),
        "layers.0.b": np.ones(3),
        "layers.1.W": np.ones((1, 3), dtype=np.float32),
        "layers.2.W": np.ones(1),
    }
    with pytest.raises(ValueError, match="the state does not fit Sequential") as error:
        model.load_state_dict(state)
    assert str(error.value).splitlines()[1:] == [
        "  layers.0.b must have shape (3, 1); got (3,)",
        "  layers.1.W must have dtype float64; got float32",
        "  layers.1.b is missing",
        "  layers.2.W is unexpected",
    ]
    assert all(np.array_equal(before[name], values) for name, values in model.state_dict().items())


def test_load_state_dict_takes_a_dict():
    with pytest.raises(TypeError, match="needs a dict of arrays; got list"):
        nn.Linear(1, 1).load_state_dict([1])


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])  # noqa: S301
def test_a_copy_of_a_model_computes_the_same_with_parameters_of_its_own(copied):
    model = nn.MLP([2, 3, 1], seed=0)
    other = copied(model)
    X = np.ones((2, 4))
    assert np.array_equal(model(X).numpy(), other(X).numpy())
    other.layers[0].W.data = np.zeros((3, 2))
    assert model.layers[0].W.numpy().any()


def test_the_repr_reads_like_the_architecture():
    class Net(nn.Module):
        def __init__(self):
            self.hidden = nn.Linear(2, 4, dtype=np.float32)
            self.scale = mg.Tensor([[1.0]])
            self.rest = [nn.LeakyReLU(), nn.LeakyReLU(0.2)]
            self.note = "not a part"

    assert repr(Net()) == (
        "Net(\n"
        "  hidden=Linear(2, 4, dtype=float32),\n"
        "  scale=Tensor(1, 1),\n"
        "  rest=[LeakyReLU(), LeakyReLU(slope=0.2)],\n"
        ")"
    )


@given(hnp.arrays(np.float64, (2, 3), elements=st.floats(-5, 5)))
def test_an_own_module_trains_like_the_same_formula(x):
    class Net(nn.Module):
        def __init__(self):
            self.w = mg.Tensor([[0.5, -1.0]])

        def forward(self, X):
            return np.tanh(self.w @ X)

    net = Net()
    np.sum(net(x)).backward()
    np.testing.assert_array_equal(net.w.grad, mg.grad(lambda w: np.sum(np.tanh(w @ x)))(net.w.numpy()))
