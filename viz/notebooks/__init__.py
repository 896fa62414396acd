"""How Tensors, models, histories and programs show themselves in a notebook."""
