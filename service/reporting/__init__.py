"""The monthly report, written by a process of its own: the web process never imports this package.

Knows the questions of `service.statistics` and the charts of `service.charts`; no figure is computed here.
"""
