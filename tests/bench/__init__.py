"""The benchmark runs; what it measures is not judged here, where everything else runs beside it."""
