"""A saved model comes back the same; anything else in a file is one error, and does no harm."""

import json
import os
import re
import stat
import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import save as serialized

import micrograd_nd as mg
from micrograd_nd import nn

reusing_the_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


class Net(nn.Module):
    def __init__(self, seed=0):
        self.layers = [nn.Linear(2, 3, seed=seed), nn.Tanh()]


def same_state(one, other):
    a, b = one.state_dict(), other.state_dict()
    return list(a) == list(b) and all(np.array_equal(a[k], b[k]) and a[k].dtype == b[k].dtype for k in a)


def names_in(folder):
    return [path.name for path in folder.iterdir()]


def write(path, architecture, state, version="1"):
    """Write a file as `save` does, of any content."""
    metadata = {"micrograd_nd.version": version, "micrograd_nd.architecture": json.dumps(architecture)}
    path.write_bytes(serialized(state, metadata=metadata))


LINEAR = {"class": "Linear", "n_in": 2, "n_out": 3, "layer": 1}
STATE = {"W": np.ones((3, 2)), "b": np.zeros((3, 1))}
NORM = {"class": "BatchNorm", "n": 2, "momentum": 0.1, "eps": 1e-5}
BOTH = {f"layers.0.{name}": x for name, x in STATE.items()} | {
    f"layers.1.{name}": np.ones((2, 1)) for name in ("gamma", "beta", "running_mean", "running_variance")
}
NORM_STATE = {name: np.ones((2, 1)) for name in ("gamma", "beta", "running_mean", "running_variance")}


# What comes back

tied = nn.Linear(2, 2, seed=3)
MODELS = [
    nn.LogisticRegression(3),
    nn.MLP([2, 4, 3], hidden="leaky_relu", output="softmax", seed=1, dtype=np.float32),
    nn.MLP([2, 4, 1], hidden="tanh", output="linear", seed=1, dtype=np.float16),
    nn.Linear(2, 3, seed=0),
    nn.Linear(2, 3, seed=0, layer=np.int64(4)),
    nn.Sequential(nn.Linear(2, 3, seed=0), nn.Linear(3, 1, seed=0, layer=7)),
    nn.Sequential(nn.Sequential(nn.Linear(2, 3, seed=0), nn.LeakyReLU(0.3)), nn.Linear(3, 1, seed=0), nn.Sigmoid()),
    nn.Sequential(tied, nn.ReLU(), tied),
    nn.Dense(2, 3, "tanh", seed=0),
    nn.Dense(2, 3, nn.ELU(0.5), seed=0, layer=2, dtype=np.float32),
    nn.MLP([2, 3, 3, 3, 2], hidden=["elu", "gelu", "silu"], output="log_softmax", seed=0),
    nn.Sequential(nn.Linear(2, 3, seed=0), nn.BatchNorm(3, momentum=0.5, eps=0.1), nn.Softplus()),
    nn.Sequential(nn.Dropout(keep_prob=1), nn.Dense(2, 3, nn.GELU(approximate=False), seed=0), nn.Dropout(keep_prob=1)),
    nn.Sequential(nn.Linear(2, 3, seed=0), nn.Residual(nn.Dense(3, 3, seed=1), nn.BatchNorm(3)), nn.Linear(3, 1)),
    nn.BatchNorm(1, dtype=np.float16),
    nn.Sequential(nn.Linear(2, 2, seed=0), *[nn.BatchNorm(2)] * 2, *[nn.Dense(2, 2, seed=1)] * 2),
]


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_a_saved_model_comes_back_the_same(model, tmp_path):
    path = tmp_path / "m.safetensors"
    nn.save(model, path)
    loaded = nn.load(path)
    assert type(loaded) is type(model)
    assert repr(loaded) == repr(model)
    assert same_state(loaded, model)
    assert [p.name for p in loaded.parameters()] == [p.name for p in model.parameters()]
    W = model.parameters()[0]
    X = np.random.default_rng(0).standard_normal((W.shape[1], 4)).astype(W.dtype)
    np.testing.assert_array_equal(loaded(X).numpy(), model(X).numpy())
    assert [buffer.name for buffer in loaded.buffers()] == [buffer.name for buffer in model.buffers()]


def test_a_saved_batch_norm_comes_back_with_the_values_it_has_seen(tmp_path):
    model = nn.Sequential(nn.Linear(2, 3, seed=0), nn.BatchNorm(3), nn.Linear(3, 1, seed=1), nn.Sigmoid())
    X, Y = np.random.default_rng(0).normal(3.0, 2.0, (2, 20)), np.arange(20)[None] % 2
    nn.fit(model, X, Y, epochs=3, learning_rate=0.1, seed=0, progress=False)
    nn.save(model, tmp_path / "m")
    loaded = nn.load(tmp_path / "m")
    assert loaded[1].running_mean.numpy().any()
    assert same_state(loaded, model)
    np.testing.assert_array_equal(loaded.eval()(X).numpy(), model.eval()(X).numpy())


def test_the_buffers_of_a_module_of_ones_own_are_saved_and_loaded(tmp_path):
    def make():
        model = Net(seed=1)
        model.seen = mg.Tensor([1.0], requires_grad=False)
        return model

    model, other = make(), make()
    model.seen.data = [5.0]
    nn.save(model, tmp_path / "m")
    nn.load(tmp_path / "m", into=other)
    assert other.seen.item() == 5
    assert not other.seen.requires_grad


def test_a_dropout_that_is_loaded_leaves_out_the_same_share(tmp_path):
    nn.save(nn.Sequential(nn.Linear(1, 1), nn.Dropout(keep_prob=0.3)), tmp_path / "m")
    assert nn.load(tmp_path / "m")[1].keep_prob == 0.3


def test_a_loaded_model_shares_layers_that_the_saved_one_shared(tmp_path):
    nn.save(nn.Sequential(tied, tied), tmp_path / "m")
    loaded = nn.load(tmp_path / "m")
    assert loaded[0] is loaded[1]


def test_any_module_may_be_shared(tmp_path):
    dense, norm, block = nn.Dense(2, 2, seed=0), nn.BatchNorm(2), nn.Residual(nn.Tanh())
    nn.save(nn.Sequential(dense, norm, block, nn.Sequential(norm, dense), block, dense.linear), tmp_path / "m")
    loaded = nn.load(tmp_path / "m")
    assert loaded[3][0] is loaded[1]
    assert loaded[3][1] is loaded[0]
    assert loaded[4] is loaded[2]
    assert loaded[5] is loaded[0].linear


def test_a_loaded_model_tells_given_numbers_from_counted_ones(tmp_path):
    nn.save(nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2, layer=7)), tmp_path / "m")
    outer = nn.Sequential(nn.Linear(2, 2), nn.load(tmp_path / "m"))
    assert [p.name for p in outer.parameters()] == ["W1", "b1", "W2", "b2", "W7", "b7"]


def test_a_loaded_model_can_be_trained(tmp_path):
    nn.save(nn.LogisticRegression(1), tmp_path / "m")
    model = nn.load(tmp_path / "m")
    nn.fit(model, [[-1.0, 1.0]], [[0, 1]], epochs=1, learning_rate=1.0, seed=0, progress=False)
    assert model.layers[0].W.numpy().any()


def test_a_module_of_ones_own_is_loaded_into_one_that_exists(tmp_path):
    nn.save(Net(seed=1), tmp_path / "m")
    other = Net(seed=2)
    assert nn.load(str(tmp_path / "m"), into=other) is other
    assert same_state(other, Net(seed=1))


def own_layer():
    class Own(nn.Linear):
        pass

    return nn.Sequential(Own(2, 3))


def tied_weights():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model.layers[1].W = model.layers[0].W
    return model


def extra_parameter():
    model = nn.LogisticRegression(2)
    model.scale = mg.Tensor(1.0)
    return model


def half_a_dense_layer():
    layer = nn.Dense(2, 2)
    layer.layers.pop()
    return layer


def cycle():
    model = nn.Sequential(nn.Linear(2, 2))
    model.layers.append(model)
    return model


@pytest.mark.parametrize("make", [Net, own_layer, tied_weights, extra_parameter, half_a_dense_layer, cycle])
def test_what_a_file_cannot_describe_is_loaded_into_a_model_only(make, tmp_path):
    model = make()
    nn.save(model, tmp_path / "m")
    with pytest.raises(nn.ModelFileError, match=r"not how to make one: make it, and nn.load\(path, into=model\)"):
        nn.load(tmp_path / "m")
    other = make()
    assert same_state(nn.load(tmp_path / "m", into=other), model)


def test_a_dtype_that_a_file_cannot_hold_is_told(tmp_path):
    with pytest.raises(TypeError, match=f"W has dtype {np.dtype(np.longdouble)}; a file holds"):
        nn.save(nn.Linear(1, 1, dtype=np.longdouble), tmp_path / "m")
    assert names_in(tmp_path) == []


def test_a_model_without_parameters_is_not_saved(tmp_path):
    with pytest.raises(ValueError, match="Sequential has no parameters to save"):
        nn.save(nn.Sequential(nn.ReLU()), tmp_path / "m")


@pytest.mark.parametrize("name", ["__metadata__", "\ud800"])
def test_a_name_that_a_file_cannot_hold_is_told(name, tmp_path):
    model = nn.Module()
    setattr(model, name, mg.Tensor(1.0))
    with pytest.raises(ValueError, match=re.escape(f"a file cannot hold a parameter named {name!r}: rename")):
        nn.save(model, tmp_path / "m")
    assert names_in(tmp_path) == []


def test_save_takes_the_model_first(tmp_path):
    with pytest.raises(TypeError, match=r"save takes the model first, nn\.save\(model, path\); got str"):
        nn.save("m", nn.LogisticRegression(1))


# Writing


@pytest.mark.parametrize("path", ["missing/m", "file/m", "folder"])
def test_an_error_in_writing_names_the_path_that_was_given(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("folder").mkdir()
    with pytest.raises(OSError, match=re.escape(f": '{Path(path)}'") + "$"):
        nn.save(nn.LogisticRegression(1), path)
    assert sorted(names_in(tmp_path)) == ["file", "folder"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs fifos")
def test_what_is_no_regular_file_is_not_replaced(tmp_path):
    path = tmp_path / "fifo"
    os.mkfifo(path)
    with pytest.raises(OSError, match="not a regular file"):
        nn.save(nn.LogisticRegression(1), path)
    assert stat.S_ISFIFO(path.stat().st_mode)


@pytest.mark.skipif(os.name != "posix", reason="needs permissions")
def test_a_file_keeps_its_permissions(tmp_path):
    path = tmp_path / "m"
    path.touch(mode=0o600)
    nn.save(nn.LogisticRegression(1), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert nn.load(path)


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_no_other(function, tmp_path, monkeypatch):
    path = tmp_path / "m.safetensors"
    nn.save(nn.LogisticRegression(1), path)
    before = path.read_bytes()

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(*((os, "fsync") if function == "fsync" else (Path, "replace")), fail)
    with pytest.raises(OSError, match="disk full"):
        nn.save(nn.LogisticRegression(2), path)
    assert path.read_bytes() == before
    assert names_in(tmp_path) == ["m.safetensors"]


def test_saving_replaces_the_file_and_leaves_no_other(tmp_path):
    for n_x in (1, 2):
        nn.save(nn.LogisticRegression(n_x), tmp_path / "m")
    assert nn.load(tmp_path / "m").layers[0].W.shape == (1, 2)
    assert names_in(tmp_path) == ["m"]


def test_the_same_model_is_the_same_file(tmp_path):
    path, written = tmp_path / "model.safetensors", set()
    for _ in range(8):  # the order of metadata that safetensors itself writes is drawn anew each time
        nn.save(nn.MLP([2, 3, 1], seed=1), path)
        written.add(path.read_bytes())
    assert len(written) == 1


def test_saving_writes_through_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "m")
    nn.save(nn.LogisticRegression(1), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "m").is_file()


# Reading what is no model


@given(st.binary(max_size=200))
@reusing_the_folder
def test_any_bytes_are_a_model_or_an_error(tmp_path, content):
    path = tmp_path / "m"
    path.write_bytes(content)
    with pytest.raises(nn.ModelFileError, match=r"/m: "):
        nn.load(path)


@given(st.data())
@reusing_the_folder
def test_a_truncated_file_is_an_error(tmp_path, data):
    path = tmp_path / "m"
    nn.save(nn.LogisticRegression(2), path)
    content = path.read_bytes()
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(nn.ModelFileError):
        nn.load(path)


@given(st.data())
@reusing_the_folder
def test_a_file_with_changed_bytes_is_a_model_or_an_error(tmp_path, data):
    path = tmp_path / "m"
    nn.save(nn.MLP([2, 3, 1], seed=0), path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with suppress(nn.ModelFileError):
        assert isinstance(nn.load(path), nn.Module)


KINDS = ["Linear", "MLP", "ReLU", "Dense", "Residual", "BatchNorm", "Dropout", "GELU", "Sequential", "", "layers.0"]
KEYS = ["class", "layers", "n_in", "n_out", "layer", "slope", "same_as", "n", "momentum", "eps", "keep_prob", "alpha"]
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.sampled_from(KINDS)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    ),
    max_leaves=10,
)


@given(json_values)
@reusing_the_folder
def test_any_architecture_is_a_model_or_an_error(tmp_path, architecture):
    write(tmp_path / "m", architecture, STATE)
    with suppress(nn.ModelFileError):
        assert [p.shape for p in nn.load(tmp_path / "m").parameters()] == [(3, 2), (3, 1)]


@pytest.mark.parametrize(
    ("architecture", "state", "message"),
    [
        (LINEAR | {"n_in": 10**12}, STATE, r"Linear\(1000000000000, 3\) cannot have W of shape \(3, 2\)"),
        (LINEAR | {"n_in": 2.5}, STATE, r"Linear\(2.5, 3\) cannot have W"),
        (LINEAR | {"layer": -1}, STATE, "the architecture is malformed at its root"),
        (LINEAR | {"class": "os.system"}, STATE, "the architecture is malformed at its root: {'class': 'os.system'"),
        (LINEAR | {"class": ["Linear"]}, STATE, "malformed"),
        ({"class": "MLP", "layers": 7}, STATE, "malformed"),
        ({"class": "MLP", "layers": [{"same_as": "layers.0"}]}, STATE, "malformed at layers.0"),
        (LINEAR | {"layer": 10**30}, STATE, "malformed at its root"),
        ({"class": "LeakyReLU", "slope": float("nan")}, STATE, "malformed"),
        ({"class": "LeakyReLU", "slope": 10**400}, STATE, "malformed"),
        ({"class": "LeakyReLU", "slope": True}, STATE, "malformed"),
        ({"class": "LeakyReLU"}, STATE, "malformed"),
        ({"class": "ReLU"}, STATE, "no layer has the parameters W, b"),
        (LINEAR, {"W": STATE["W"]}, "b missing"),
        (LINEAR, STATE | {"b": np.zeros(3)}, r"and b of shape \(3,\)"),
        (LINEAR, STATE | {"b": np.zeros((3, 1), dtype=np.float32)}, "W has dtype float64, and b float32"),
        (LINEAR, STATE | {"W": np.ones((3, 2), dtype=int)}, "W has dtype I64; parameters have F16, F32, F64"),
        ({"class": "ELU", "alpha": "1"}, STATE, "malformed"),
        ({"class": "GELU", "approximate": 1}, STATE, "malformed"),
        ({"class": "Dropout", "keep_prob": 0}, STATE, "malformed"),
        ({"class": "Dropout"}, STATE, "malformed"),
        ({"class": "Dense", "layers": []}, STATE, "malformed at its root"),
        ({"class": "Dense", "layers": [{"class": "ReLU"}, {"class": "ReLU"}]}, STATE, "malformed at its root"),
        ({"class": "Dense", "layers": [LINEAR, NORM]}, BOTH, "malformed at its root"),
        ({"class": "Dense", "layers": [LINEAR]}, STATE | {"layers.0.W": STATE["W"]}, "layers.0.b missing"),
        ({"class": "Residual", "layers": [LINEAR]}, STATE, "block.layers.0.W and block.layers.0.b missing"),
        (NORM | {"n": 3}, NORM_STATE, r"BatchNorm\(3\) cannot have arrays of the shapes gamma \(2, 1\), beta"),
        (NORM | {"n": 10**12}, NORM_STATE, r"BatchNorm\(1000000000000\) cannot have arrays"),
        (NORM | {"eps": 0}, NORM_STATE, "malformed at its root"),
        (NORM | {"momentum": None}, NORM_STATE, "malformed at its root"),
        (NORM, NORM_STATE | {"beta": np.ones((1, 2))}, r"beta \(1, 2\)"),
        (NORM, NORM_STATE | {"beta": np.ones((2, 1), np.float32)}, "gamma has dtype float64, and beta float32"),
        (NORM, {"gamma": np.ones((2, 1))}, "beta and running_mean and running_variance missing"),
        (NORM, NORM_STATE | {"more": np.ones(1)}, "no layer has the parameters more"),
        (LINEAR | {"n_in": 0}, STATE | {"W": np.ones((3, 0))}, "cannot have W of shape"),
    ],
)
def test_an_architecture_that_is_not_that_of_its_arrays_is_told(architecture, state, message, tmp_path):
    write(tmp_path / "m", architecture, state)
    with pytest.raises(nn.ModelFileError, match=message):
        nn.load(tmp_path / "m")


def test_an_architecture_nested_beyond_reason_is_an_error(tmp_path):
    depth = 100_000
    text = '{"class": "Sequential", "layers": [' * depth + "]}" * depth
    metadata = {"micrograd_nd.version": "1", "micrograd_nd.architecture": text}
    (tmp_path / "m").write_bytes(serialized({}, metadata=metadata))
    with pytest.raises(nn.ModelFileError):
        nn.load(tmp_path / "m")


@pytest.mark.parametrize("length", [2**20, 2**40, 2**63, 2**64 - 1])
def test_a_header_that_claims_more_than_the_file_has_gets_no_memory(length, tmp_path):
    (tmp_path / "m").write_bytes(struct.pack("<Q", length) + b"{}" + bytes(100))
    tracemalloc.start()
    try:
        with pytest.raises(nn.ModelFileError, match="not a safetensors file, or a truncated one"):
            nn.load(tmp_path / "m")
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_a_header_longer_than_any_models_is_refused(tmp_path):
    length = 17 * 2**20
    with (tmp_path / "m").open("wb") as file:
        file.write(struct.pack("<Q", length))
        file.truncate(8 + length)
    with pytest.raises(nn.ModelFileError, match="its header has"):
        nn.load(tmp_path / "m")


def test_a_safetensors_file_of_others_is_told(tmp_path):
    (tmp_path / "m").write_bytes(serialized(STATE))
    with pytest.raises(nn.ModelFileError, match=r"not written by nn\.save"):
        nn.load(tmp_path / "m")


def test_a_file_of_a_later_version_is_told(tmp_path):
    write(tmp_path / "m", LINEAR, STATE, version="2")
    with pytest.raises(nn.ModelFileError, match="written in version 2 of the format; this package reads version 1"):
        nn.load(tmp_path / "m")


def test_a_model_that_does_not_fit_is_told_and_unchanged(tmp_path):
    nn.save(nn.Linear(2, 3), tmp_path / "m")
    model = nn.Linear(3, 2, weights="zeros")
    with pytest.raises(nn.ModelFileError, match=r"(?s)does not fit Linear.*W must have shape \(2, 3\); got \(3, 2\)"):
        nn.load(tmp_path / "m", into=model)
    assert not model.W.numpy().any()


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        nn.load(tmp_path / "m")


def test_a_folder_is_no_model(tmp_path):
    with pytest.raises(nn.ModelFileError, match="not a file"):
        nn.load(tmp_path)
