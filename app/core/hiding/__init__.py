"""Pictures in which nobody can be recognised: one room for all that shows a picture or hands it on."""
