"""Animated training."""

import base64
import io
import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from micrograd_nd import nn, viz
from micrograd_nd.viz.films.film_page import film_page
from micrograd_nd.viz.themes import THEMES

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

rng = np.random.default_rng(0)
X = rng.normal(size=(2, 30))
Y = (X[:1] * X[1:] > 0).astype(int)
COARSE = {"resolution": 15}


def recorded(epochs=6, every=2, output="sigmoid", n_y=1, labels=Y, **options):
    frames = viz.Snapshots(every)
    model = nn.MLP([2, 4, n_y], hidden="tanh", output=output, seed=0)
    settings = {"learning_rate": 0.5, "seed": 0, "progress": False, **options}
    nn.fit(model, X, labels, epochs=epochs, callbacks=[frames], **settings)
    return frames


@pytest.fixture(scope="module")
def frames():
    return recorded()


def pictures_of(page):
    """The frames in a page, as PNG."""
    return [base64.b64decode(x) for x in json.loads(re.search(r"const pictures = (\[.*?\])", page)[1])]


@pytest.mark.parametrize("speed", [1, 8, 50])
def test_a_gif_has_a_frame_for_every_snapshot_and_its_speed(frames, tmp_path, speed):
    from PIL import Image

    path = viz.animate_training(frames, X, Y, tmp_path / "training.gif", frames_per_second=speed, **COARSE)
    with Image.open(path) as film:
        assert film.n_frames == len(frames.epochs) == 4
        durations, seen = [], set()
        for number in range(film.n_frames):
            film.seek(number)
            durations.append(film.info["duration"])
            seen.add(film.convert("RGB").tobytes())
        assert len(seen) == 4
        assert durations[:-1] == [pytest.approx(1000 / speed, abs=5)] * 3
        assert durations[-1] >= 2000
        assert film.info["loop"] == 0


def test_a_page_holds_every_frame_and_loads_nothing(frames, tmp_path):
    from PIL import Image

    path = viz.animate_training(frames, X, Y, str(tmp_path / "training.html"), **COARSE)
    page = path.read_text(encoding="utf-8")
    pictures = pictures_of(page)
    assert len(pictures) == 4
    for picture in pictures:
        with Image.open(io.BytesIO(picture)) as image:
            image.verify()
    assert "http:" not in page
    assert "https:" not in page
    assert re.findall(r"<(?:link|script src|iframe|object|embed)", page) == []
    assert all(source.startswith("data:") for source in re.findall(r'(?:src|href)="([^"]*)"', page))
    assert "default-src 'none'" in page


def test_a_page_says_in_words_what_each_frame_shows(frames, tmp_path):
    page = viz.animate_training(frames, X, Y, tmp_path / "training.html", **COARSE).read_text(encoding="utf-8")
    captions = json.loads(re.search(r"captions = (\[.*?\])", page)[1])
    assert captions[0] == "epoch 0, before training"
    assert captions[-1] == f"epoch 6, cost {frames.history.cost[-1]:.4g}"


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_the_script_of_a_page_is_javascript(tmp_path):
    script = re.search(r"<script>(.*)</script>", film_page([b"x"], ["</script>'\"\\"], 8), re.DOTALL)[1]
    (tmp_path / "page.js").write_text(script, encoding="utf-8")
    subprocess.run(["node", "--check", tmp_path / "page.js"], check=True)  # noqa: S607 - found by its name


@pytest.mark.skipif(not shutil.which("chromium"), reason="chromium is not installed")
def test_a_browser_shows_the_film_and_plays_it_to_its_end(frames, tmp_path):
    path = viz.animate_training(frames, X, Y, tmp_path / "training.html", **COARSE)
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile", "--dump-dom"]

    def seen(*more):
        command = ["chromium", *options, *more, path.as_uri()]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    last = f"epoch 6, cost {frames.history.cost[-1]:.4g}"
    assert f">{last}</output>" in seen("--virtual-time-budget=5000")
    still = seen("--force-prefers-reduced-motion", "--virtual-time-budget=5000")
    assert ">epoch 0, before training</output>" in still
    assert 'src="data:image/png;base64,' in still


@pytest.mark.parametrize("caption", ["</script><script>alert(1)</script>", "\"'\\\n", "LAST PICTURES", "<b>&amp;"])
def test_a_caption_of_any_text_stays_a_text(caption):
    page = film_page([b"x", b"y"], [caption, caption], 8)
    assert page.count("</script>") == 1
    assert json.loads(re.search(r"captions = (\[.*?\]), pause", page)[1]) == [caption, caption]
    assert "<b>" not in page


def test_every_frame_is_the_model_as_it_was(frames):
    from micrograd_nd.viz.films.animation import Film

    film = Film(frames, X, Y, 15)
    model = nn.MLP([2, 4, 1], hidden="tanh", seed=0)
    for number, state in enumerate(frames.states):
        model.load_state_dict(state)
        film.draw(number, frames.epochs[number])
        shown = film.left.images[0].get_array()
        assert np.array_equal(shown, film.plane.probabilities(model)[0])
        assert film.left.get_title(loc="left") == f"epoch {frames.epochs[number]}"
        line, spot = film.now
        assert line.get_xdata()[0] == frames.epochs[number]
        assert list(spot.get_ydata()) == ([frames.history.cost[frames.epochs[number] - 1]] if number else [])


def test_several_classes_and_validation_are_shown(tmp_path):
    labels = np.arange(30)[None] % 3
    frames = recorded(epochs=2, output="softmax", n_y=3, labels=labels, validation=(X, labels))
    assert viz.animate_training(frames, X, nn.one_hot(labels, 3), tmp_path / "a.gif", **COARSE).stat().st_size


def test_a_film_leaves_model_and_snapshots_as_they_are(frames, tmp_path):
    before = [{name: value.copy() for name, value in state.items()} for state in frames.states]
    viz.animate_training(frames, X, Y, tmp_path / "training.gif", **COARSE)
    final = frames.model.state_dict()
    assert all(np.array_equal(final[name], value) for name, value in before[-1].items())
    assert all(
        np.array_equal(state[name], value)
        for state, kept in zip(frames.states, before, strict=True)
        for name, value in kept.items()
    )


def test_a_film_follows_the_style_of_matplotlib(frames, tmp_path):
    import matplotlib.style
    from PIL import Image

    with matplotlib.style.context("dark_background"):
        path = viz.animate_training(frames, X, Y, tmp_path / "dark.gif", **COARSE)
    with Image.open(path) as film:
        assert film.convert("RGB").getpixel((1, 1)) == (0, 0, 0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_film_and_its_page_have_the_colours_of_a_theme(frames, tmp_path, theme):
    from PIL import Image, ImageColor

    ground, text = THEMES[theme].background, THEMES[theme].text
    path = viz.animate_training(frames, X, Y, tmp_path / "training.gif", theme=theme, **COARSE)
    with Image.open(path) as film:
        for number in range(film.n_frames):
            film.seek(number)
            shown = film.convert("RGB")
            assert shown.getpixel((1, 1)) == ImageColor.getrgb(ground)
            assert ImageColor.getrgb(text) in {colour for _, colour in shown.getcolors(1 << 24)}
    page = viz.animate_training(frames, X, Y, tmp_path / "training.html", theme=theme, **COARSE).read_text("utf-8")
    assert f":root {{ color-scheme: {theme}; background: {ground}; color: {text}; }}" in page
    with Image.open(io.BytesIO(pictures_of(page)[0])) as image:
        assert image.convert("RGB").getpixel((1, 1)) == ImageColor.getrgb(ground)


def test_a_page_without_a_theme_has_the_colours_that_the_reader_asks_for(frames, tmp_path):
    page = viz.animate_training(frames, X, Y, tmp_path / "training.html", **COARSE).read_text(encoding="utf-8")
    assert ":root { color-scheme: light dark; }" in page


def test_colours_of_markers_survive_in_a_file_of_few_colours(frames, tmp_path):
    from PIL import Image, ImageColor

    path = viz.animate_training(frames, X, Y, tmp_path / "training.gif", **COARSE)
    with Image.open(path) as film:
        colours = {colour for _, colour in film.convert("RGB").getcolors(1 << 24)}
    assert {ImageColor.getrgb(name) for name in ("#0072B2", "#D55E00", "#FFFFFF", "#000000")} <= colours


def test_a_film_that_cannot_be_made_leaves_the_file_that_was_there(frames, tmp_path):
    path = tmp_path / "training.gif"
    path.write_bytes(b"before")
    with pytest.raises(ValueError, match=r"Y must be of shape \(1, 30\)"):
        viz.animate_training(frames, X, Y[:, :3], path, **COARSE)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_film_replaces_a_file_whole(frames, tmp_path):
    path = tmp_path / "training.gif"
    path.write_bytes(b"before")
    viz.animate_training(frames, X, Y, path, **COARSE)
    assert path.read_bytes().startswith(b"GIF89a")
    assert list(tmp_path.iterdir()) == [path]


def test_what_no_film_is_made_of_is_told(frames, tmp_path):
    with pytest.raises(ValueError, match=r"ends in \.gif or \.html; got 'training\.mp4'"):
        viz.animate_training(frames, X, Y, tmp_path / "training.mp4")
    with pytest.raises(FileNotFoundError, match="there is no folder"):
        viz.animate_training(frames, X, Y, tmp_path / "none" / "training.gif")
    with pytest.raises(TypeError, match=r"a film is made of viz\.Snapshots that nn\.fit was given; got MLP"):
        viz.animate_training(frames.model, X, Y, tmp_path / "training.gif")
    with pytest.raises(ValueError, match="there are no snapshots yet"):
        viz.animate_training(viz.Snapshots(), X, Y, tmp_path / "training.gif")
    with pytest.raises(ValueError, match=r"two features, so for X of shape \(2, m\); got \(30, 2\).*X\.T"):
        viz.animate_training(frames, X.T, Y, tmp_path / "training.gif")
    for speed in (0, 51):
        with pytest.raises(ValueError, match="frames_per_second"):
            viz.animate_training(frames, X, Y, tmp_path / "training.gif", frames_per_second=speed)
    with pytest.raises(ValueError, match='theme is "light" or "dark"; got'):
        viz.animate_training(frames, X, Y, tmp_path / "training.gif", theme="sepia")
    (tmp_path / "folder.gif").mkdir()
    with pytest.raises(OSError, match="cannot write the film"):
        viz.animate_training(frames, X, Y, tmp_path / "folder.gif", **COARSE)


def test_a_model_with_other_than_two_features_is_told(tmp_path):
    frames = viz.Snapshots()
    settings = {"epochs": 1, "learning_rate": 0.5, "seed": 0, "progress": False}
    nn.fit(nn.LogisticRegression(3), np.ones((3, 4)), np.ones((1, 4)), callbacks=[frames], **settings)
    with pytest.raises(ValueError, match=r"W1 is \(1, 3\) and needs X of shape \(3, m\)"):
        viz.animate_training(frames, X, Y, tmp_path / "training.gif")


def test_without_matplotlib_the_error_names_the_remedy(frames, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'micrograd-nd\[plot\]'"):
        viz.animate_training(frames, X, Y, tmp_path / "training.gif", **COARSE)


@pytest.mark.parametrize("ending", ["gif", "html"])
@pytest.mark.parametrize("speed", [1e-9, 0.009, 51])
def test_a_speed_that_no_film_can_have_is_told(tmp_path, ending, speed):
    with pytest.raises(ValueError, match=r"frames_per_second may be from 0\.01 to 50; got"):
        viz.animate_training(
            viz.Snapshots(), np.ones((2, 3)), np.ones((1, 3)), tmp_path / f"a.{ending}", frames_per_second=speed
        )


@pytest.mark.parametrize("classes", [2, 3, 4, 5, 10])
def test_the_epoch_and_the_classes_lie_side_by_side(classes):
    from matplotlib.text import Text

    from micrograd_nd.viz.films.animation import Film

    labels = np.arange(30)[None] % classes
    model = nn.MLP([2, 3, classes if classes > 2 else 1], output="softmax" if classes > 2 else "sigmoid", seed=0)
    frames = viz.Snapshots(every=1000)
    nn.fit(model, X, labels, epochs=1, learning_rate=0.1, seed=0, callbacks=[frames], progress=False)
    film = Film(frames, X, labels, 10)
    film.draw(1, 10_000)
    film.figure.canvas.draw()
    (title,) = [text for text in film.figure.findobj(Text) if text.get_text() == "epoch 10000"]
    assert not title.get_window_extent().overlaps(film.left.get_legend().get_window_extent())
