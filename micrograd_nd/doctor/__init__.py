"""What ``micrograd-nd doctor`` does: says how fast NumPy multiplies matrices here, and what would make it faster.

Facts, measuring, advice and rendering are apart: `facts` reads what is there, `candidates` names the settings worth
trying, `measuring` tries them in processes of their own, `advice` judges, and `rendering` writes.
"""
