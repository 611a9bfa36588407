"""Reader against reader: agreement, overlap in time, faithfulness.

The libraries of the figures (statsmodels, krippendorff) take over a second to import:
they are imported inside the functions that need them, never when the window starts.
"""
