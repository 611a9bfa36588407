"""EEG: EDF and BDF files, montages, filters, pages, synchronisation with a recording, trends."""
