"""EEG: files, montages, filters, pages, the clock beside a recording, trends. No window, no Qt."""
