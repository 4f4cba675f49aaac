"""One module for each format of labelled rows; all hand the same table of text cells to `training.reading`."""
