"""A model that is written as ONNX predicts in other runtimes what it predicts here."""

import sys

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd import nn
from micrograd_nd.nn.activations import ACTIVATIONS

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")


def computed(path, X):
    """What a runtime makes of a file."""
    session = runtime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (A,) = session.run(["A"], {"X": X})
    return A


def predicted(model, X):
    with mg.no_grad():
        return model.eval()(X).numpy()


def assert_the_same(model, path, n_x, m=7):
    rng = np.random.default_rng(0)
    X = (3 * rng.normal(size=(n_x, m))).astype(np.float32)
    nn.to_onnx(model, path)
    A = computed(path, X)
    assert A.dtype == np.float32
    np.testing.assert_allclose(A, predicted(model, X), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
def test_every_activation(name, tmp_path):
    model = nn.Sequential(nn.Linear(4, 5, seed=0, dtype=np.float32), nn.activation(name))
    assert_the_same(model, tmp_path / "model.onnx", 4)


@pytest.mark.parametrize(
    "layer", [nn.LeakyReLU(0.3), nn.ELU(0.7), nn.GELU(approximate=False), nn.Dropout(keep_prob=0.5, seed=0)]
)
def test_activations_and_layers_with_settings(layer, tmp_path):
    assert_the_same(nn.Sequential(nn.Linear(3, 4, seed=0, dtype=np.float32), layer), tmp_path / "model.onnx", 3)


def test_every_layer(tmp_path):
    model = nn.Sequential(
        nn.Dense(3, 6, "relu", seed=1, dtype=np.float32),
        nn.BatchNorm(6, dtype=np.float32),
        nn.Residual(nn.Dense(6, 6, "silu", seed=2, dtype=np.float32), nn.Dropout(keep_prob=0.9, seed=3)),
        nn.Sequential(nn.Linear(6, 2, seed=4, dtype=np.float32), nn.Softmax()),
    )
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(3, 40)), rng.integers(0, 2, size=(1, 40))
    nn.fit(model, X, Y, epochs=3, learning_rate=0.1, seed=0, progress=False)  # the running mean is no zero any more
    assert_the_same(model, tmp_path / "model.onnx", 3)


@pytest.mark.parametrize(
    "model", [nn.LogisticRegression(4, dtype=np.float32), nn.MLP([4, 8, 8, 3], output="softmax", dtype=np.float32)]
)
def test_the_models_of_the_course_for_any_number_of_samples(model, tmp_path):
    for m in (1, 2, 50):
        assert_the_same(model, tmp_path / "model.onnx", 4, m)


def test_the_whole_course_model_after_training_in_double_precision(tmp_path):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2, 200))
    Y = (X[:1] * X[1:] > 0) * 1
    model = nn.MLP([2, 8, 1], hidden="tanh", seed=0)
    nn.fit(model, X, Y, epochs=50, learning_rate=0.05, seed=0, optimizer=nn.Adam, progress=False)
    nn.to_onnx(model, tmp_path / "wide.onnx", dtype=np.float64)
    np.testing.assert_allclose(computed(tmp_path / "wide.onnx", X), predicted(model, X), rtol=1e-12, atol=1e-14)
    nn.to_onnx(model, tmp_path / "narrow.onnx")
    found = computed(tmp_path / "narrow.onnx", X.astype(np.float32))
    np.testing.assert_allclose(found, predicted(model, X), atol=1e-5)


def test_samples_can_be_rows(tmp_path):
    model = nn.MLP([4, 8, 3], output="softmax", seed=0, dtype=np.float32)
    X = np.random.default_rng(0).normal(size=(4, 9)).astype(np.float32)
    nn.to_onnx(model, tmp_path / "rows.onnx", samples="rows")
    np.testing.assert_allclose(computed(tmp_path / "rows.onnx", X.T), predicted(model, X).T, rtol=1e-6, atol=1e-6)


def test_the_parameters_have_the_names_that_they_have_here(tmp_path):
    model = nn.MLP([2, 3, 1], seed=0)
    nn.to_onnx(model, tmp_path / "model.onnx")
    names = {constant.name for constant in onnx.load(tmp_path / "model.onnx").graph.initializer}
    assert names == set(model.state_dict())


def test_writing_leaves_the_model_as_it_is(tmp_path):
    model = nn.Sequential(nn.Linear(2, 3, seed=0), nn.BatchNorm(3), nn.Dropout(keep_prob=0.5, seed=0))
    before = model.state_dict()
    nn.to_onnx(model, tmp_path / "model.onnx")
    assert model.training
    for name, values in model.state_dict().items():
        np.testing.assert_array_equal(values, before[name])


def test_a_module_of_ones_own_is_refused_with_its_place_and_the_file_there_stays(tmp_path):
    class Swap(nn.Module):
        def forward(self, A):
            return A[::-1]

    path = tmp_path / "model.onnx"
    path.write_bytes(b"before")
    with pytest.raises(TypeError, match=r"Swap at layers\.1\.layers\.0 is none of them"):
        nn.to_onnx(nn.Sequential(nn.Linear(2, 2, seed=0), nn.Sequential(Swap())), path)
    assert path.read_bytes() == b"before"


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"samples": "lines"}, ValueError, '"columns" or "rows"'),
        ({"dtype": np.float16}, ValueError, "float32 or float64; got float16"),
        ({"model": "model"}, TypeError, "takes the model first"),
    ],
)
def test_settings_that_make_no_file(change, error, message, tmp_path):
    with pytest.raises(error, match=message):
        nn.to_onnx(**{"model": nn.LogisticRegression(2), "path": tmp_path / "model.onnx", **change})
    assert not (tmp_path / "model.onnx").exists()


def test_without_the_package_the_command_that_helps_is_told(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'micrograd-nd\[onnx\]'"):
        nn.to_onnx(nn.LogisticRegression(2), tmp_path / "model.onnx")


def test_a_parameter_that_would_become_infinite_is_refused_and_the_file_there_stays(tmp_path):
    model = nn.Linear(2, 1, weights=lambda rng, shape: np.full(shape, 1e300))
    (tmp_path / "m.onnx").write_text("what was there")
    with pytest.raises(
        ValueError, match='holds a number that is infinite in float32: write the file in dtype="float64"'
    ):
        nn.to_onnx(model, tmp_path / "m.onnx")
    assert (tmp_path / "m.onnx").read_text() == "what was there"
    nn.to_onnx(model, tmp_path / "m.onnx", dtype="float64")
