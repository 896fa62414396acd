"""Write all pictures of the documentation: ``make gallery``."""

from gallery import FOLDER, rendered
from gallery.graphs import GRAPHS, course
from gallery.networks import NETWORKS
from gallery.plots import PLOTS, film
from micrograd_nd import viz

FOLDER.mkdir(exist_ok=True)
for name, make in {**GRAPHS, **NETWORKS, **PLOTS}.items():
    ending, content = rendered(make())
    (FOLDER / f"{name}{ending}").write_bytes(content)
viz.save(viz.graph(course()), FOLDER.parent / "graph.png")
film(FOLDER / "training.gif")
