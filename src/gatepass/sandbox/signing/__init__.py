"""Who signed a request, and exactly what."""
