"""Tables: a network trained on a CSV file, and its predictions for another; ``micrograd-nd train`` and ``predict``.

From a table to a network and back, a file an idea: `csv_files` (a table is read), `cells` (what a column holds),
`targets` and `features` (what rows become), `splitting` (which rows are held out), `training`, `reports`, `model_files`
and `prediction`.
"""
