"""A recording over time on a screen: how times are written, the axis, and where the rows are."""
