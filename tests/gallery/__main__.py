"""Write all pictures of the documentation: ``make gallery``."""

from chromium import find_chromium
from gallery import FOLDER, rendered, small_png
from gallery.graphs import GRAPHS, course
from gallery.networks import NETWORKS
from gallery.pages import PAGES, take_stills
from gallery.plots import FILMS, PLOTS, film
from micrograd_nd import viz

FOLDER.mkdir(exist_ok=True)
for name, make in {**GRAPHS, **NETWORKS, **PAGES, **PLOTS}.items():
    ending, content = rendered(make())
    (FOLDER / f"{name}{ending}").write_bytes(content)
for theme, name in (("light", "graph"), ("dark", "graph-dark")):
    (FOLDER.parent / f"{name}.png").write_bytes(small_png(viz.graph(course(), theme=theme)))
for name, theme in FILMS.items():
    film(FOLDER / f"{name}.gif", theme)
if (program := find_chromium()) is not None:
    take_stills(program)
