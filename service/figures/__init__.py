"""The arithmetic of figures: intervals, durations, pooling, suppression, series, emerging, effect, drift.

Arrays and numbers in, frozen dataclasses out; numpy and scipy.special only, so that a page, a report and a notebook
compute the same. Nothing here knows a store, a clock, a page or a word of a report.
"""
