"""High-dimensional linear mixed model y = Z w + X beta + e, fitted by EM and by mean field.

Three rooms, imports pointing one way: ``model`` (numpy and scipy only), ``store``
(text tables, Parquet, JSON) and ``report`` (figures, tables, slides), both on top of it.
"""
