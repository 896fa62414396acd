"""Plots by matplotlib: costs, boundaries, landscapes, weights, gradients."""
