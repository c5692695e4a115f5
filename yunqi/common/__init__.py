"""What every room may use: errors, files, paths and machine facts. Standard library only (and psutil where named)."""
